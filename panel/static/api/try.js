import { element } from './elements.js'
import { neededOf } from './schemas.js'

const key = document.querySelector('#key')
key.value = sessionStorage.getItem('api-key') ?? ''
key.form.addEventListener('submit', (event) => event.preventDefault())
key.addEventListener('input', () => sessionStorage.setItem('api-key', key.value))

/** A form that makes the call and shows its answer. */
export function tryForm({ method, path, operation, resolve }) {
  const fields = (operation.parameters ?? []).map((one) => parameterField(resolve(one)))
  const body = bodyFields(operation.requestBody?.content, resolve)
  const send = element('button', { type: 'submit' }, 'Send')
  const answer = element('div', { role: 'status' })
  const form = element(
    'form',
    {},
    fields.map((one) => one.row),
    body.rows,
    send,
    answer,
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    send.disabled = true
    answer.replaceChildren()
    answer.replaceChildren(...(await call({ method, path, fields, body })))
    send.disabled = false
  })
  return form
}

function row(name, input, { needed = false, description } = {}) {
  return element(
    'label',
    { class: 'field' },
    element('span', { class: needed ? 'needed' : undefined }, name),
    input,
    description ? [element('small', {}, description)] : [],
  )
}

function inputFor(schema) {
  const choices = schema.enum ?? ([schema.type].flat().includes('boolean') ? [true, false] : null)
  if (!choices) return element('input', { placeholder: schema.default ?? '', spellcheck: 'false' })
  const unset = schema.default === undefined ? '' : `(${schema.default})`
  return element(
    'select',
    {},
    ['', ...choices].map((one) => element('option', { value: one }, one === '' ? unset : String(one))),
  )
}

function parameterField({ name, in: place, schema, required, description }) {
  const input = inputFor(schema)
  return { name, place, row: row(name, input, { needed: required, description }), value: () => input.value }
}

function bodyFields(content, resolve) {
  const [type, media] = Object.entries(content ?? {})[0] ?? []
  if (!media) return { rows: [], value: () => ({}) }
  if (type !== 'multipart/form-data') {
    const text = element('textarea', { spellcheck: 'false' })
    text.value = JSON.stringify(neededOf(media.schema, resolve), null, 2)
    return {
      rows: [row('body', text)],
      value: () => ({ body: text.value, headers: { 'content-type': type } }),
    }
  }
  const { properties, required = [] } = resolve(media.schema)
  const inputs = Object.entries(properties).map(([name, schema]) => {
    const input = schema.format === 'binary' ? element('input', { type: 'file' }) : inputFor(schema)
    return [name, input, row(name, input, { needed: required.includes(name), description: schema.description })]
  })
  const value = () => {
    const form = new FormData()
    for (const [name, input] of inputs) {
      if (input.files?.[0]) form.append(name, input.files[0])
      else if (!input.files && input.value !== '') form.append(name, input.value)
    }
    return { body: form }
  }
  return { rows: inputs.map(([, , one]) => one), value }
}

async function call({ method, path, fields, body }) {
  const url = new URL(path, location.href)
  const { body: sent, headers = {} } = body.value()
  if (key.value) headers.authorization = `Bearer ${key.value}`
  for (const { name, place, value } of fields) {
    if (value() === '') continue
    if (place === 'header') headers[name] = value()
    else url.searchParams.append(name, value())
  }
  const started = performance.now()
  try {
    const answer = await fetch(url, { method, headers, body: sent })
    const text = await answer.text()
    const took = `${Math.round(performance.now() - started)} ms`
    return [
      element('p', { class: `status ${answer.ok ? 'good' : 'bad'}` }, `${answer.status} · ${took}`),
      element('pre', { tabindex: '0' }, pretty(text)),
    ]
  } catch {
    return [
      element('p', { class: 'status bad' }, 'The server could not be reached. Check the connection and send it again'),
    ]
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
