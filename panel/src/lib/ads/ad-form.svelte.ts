import type { Ad } from '@marquee/shared/ads.ts'
import { fromLocal, toLocal } from '../time/zone.ts'

/** What the editor changes, as its fields hold it: times by the tenant's clock, empty for none. */
type Fields = {
  title: string
  description: string
  tags: string[]
  enabled: boolean
  from: string
  until: string
  durationMs: number | null
  fit: Ad['fit']
  volume: number
}
export type AdChanges = Partial<
  Pick<Ad, 'title' | 'description' | 'tags' | 'enabled' | 'validFrom' | 'validUntil' | 'durationMs' | 'fit' | 'volume'>
>

/** The state of the ad editor: what was, what is entered, and what would be sent. */
export class AdForm {
  readonly ad: Ad
  readonly zone: string
  fields = $state<Fields>({
    title: '',
    description: '',
    tags: [],
    enabled: true,
    from: '',
    until: '',
    durationMs: null,
    fit: 'contain',
    volume: 100,
  })
  readonly changes = $derived(this.#changes())
  readonly dirty = $derived(Object.keys(this.changes).length > 0)
  readonly titleMissing = $derived(this.fields.title.trim() === '')
  readonly endsBeforeStart = $derived(
    this.fields.from !== '' && this.fields.until !== '' && this.fields.until <= this.fields.from,
  )
  readonly valid = $derived(!this.titleMissing && !this.endsBeforeStart)

  constructor(ad: Ad, zone: string) {
    this.ad = ad
    this.zone = zone
    this.fields = {
      title: ad.title,
      description: ad.description,
      tags: [...ad.tags],
      enabled: ad.enabled,
      from: ad.validFrom ? toLocal(ad.validFrom, zone) : '',
      until: ad.validUntil ? toLocal(ad.validUntil, zone) : '',
      durationMs: ad.durationMs,
      fit: ad.fit,
      volume: ad.volume,
    }
  }

  #changes(): AdChanges {
    const { fields, ad } = this
    return {
      ...(fields.title.trim() !== ad.title && { title: fields.title.trim() }),
      ...(fields.description.trim() !== ad.description && { description: fields.description.trim() }),
      ...(fields.tags.join('\n') !== ad.tags.join('\n') && { tags: [...fields.tags] }),
      ...(fields.enabled !== ad.enabled && { enabled: fields.enabled }),
      ...this.#instant('validFrom', fields.from),
      ...this.#instant('validUntil', fields.until),
      ...(fields.durationMs !== ad.durationMs && { durationMs: fields.durationMs }),
      ...(fields.fit !== ad.fit && { fit: fields.fit }),
      ...(fields.volume !== ad.volume && { volume: fields.volume }),
    }
  }

  /** Fields show minutes; an instant with seconds is left as it was unless its field was touched. */
  #instant(name: 'validFrom' | 'validUntil', local: string): AdChanges {
    const was = this.ad[name]
    if (local === (was ? toLocal(was, this.zone) : '')) return {}
    return { [name]: local ? fromLocal(local, this.zone) : null }
  }
}
