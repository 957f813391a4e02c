import { element, inline, prose } from './elements.js'
import { resolver, sample } from './schemas.js'
import { tryForm } from './try.js'

const main = document.querySelector('#main')

const api = await load()
if (api) show(api)
else document.querySelector('#state').textContent = 'The document could not be loaded. Load the page again'

async function load() {
  try {
    const answer = await fetch('/api/openapi.json')
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
}

function show(api) {
  const resolve = resolver(api)
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation, resolve })),
  )
  const groups = api.tags.map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }))
  document.querySelector('#groups').append(...groups.map(({ name }) => element('a', { href: `#${name}` }, name)))
  main.replaceChildren(...prose(api.info.description), ...groups.flatMap(section))
  open(location.hash)
  addEventListener('hashchange', () => open(location.hash))
}

function section({ name, description, operations }) {
  return [element('h2', { id: name }, name), element('p', {}, inline(description)), ...operations.map(operationCard)]
}

function operationCard(call) {
  const { method, path, operation } = call
  const card = element(
    'details',
    { class: 'operation', id: operation.operationId },
    element(
      'summary',
      {},
      element('span', { class: `method ${method}` }, method),
      element('span', { class: 'path' }, path),
      element('span', { class: 'short' }, inline(operation.summary)),
    ),
  )
  // Most are never opened.
  card.addEventListener('toggle', () => card.open && !card.querySelector('.inside') && card.append(inside(call)))
  return card
}

function inside(call) {
  const { operation, resolve } = call
  const media = Object.values(operation.responses['200'].content ?? {})[0]
  return element(
    'div',
    { class: 'inside' },
    prose(operation.description ?? ''),
    element('h3', {}, 'Try it'),
    tryForm(call),
    element('h3', {}, 'Answer'),
    element('pre', { tabindex: '0' }, JSON.stringify(media?.example ?? sample(media?.schema, resolve), null, 2)),
    element('h3', {}, 'Refusals'),
    element('ul', {}, refusals(operation.responses, resolve)),
  )
}

function refusals(responses, resolve) {
  return Object.entries(responses)
    .filter(([status]) => status !== '200')
    .map(([status, one]) => element('li', {}, element('code', {}, status), ' ', inline(resolve(one).description)))
}

/** The link to one call opens it. */
function open(hash) {
  const target = document.getElementById(decodeURIComponent(hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
  target?.scrollIntoView()
}
