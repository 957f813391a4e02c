const file = {
  filename: 'coffee-promo_0193a7c2-5b1e-7c3a-9f00-1d2c3b4a5968.mp4',
  url: 'https://ads.example/media/client_001/ads/coffee-promo_0193a7c2-5b1e-7c3a-9f00-1d2c3b4a5968.mp4?e=1796083200000&s=…',
  original_name: 'coffee promo.mp4',
  size_bytes: 52_428_800,
  size_mb: 50,
  category: 'ads',
  client_id: 'client_001',
  content_type: 'video/mp4',
}
const adId = '0193a7c2-61d0-7a11-8b7e-5d4c3b2a1908'

/** Answers as they look, for the calls of the first guide. */
export const examples: Readonly<Record<string, unknown>> = {
  upload: {
    success: true,
    message: '"coffee promo.mp4" is an ad now',
    ...file,
    storage_path: `client_001/ads/${file.filename}`,
    timestamp: 1_796_000_000,
    ad_id: adId,
    duplicate: false,
  },
  'media.list': {
    files: [{ ...file, modified_time: 1_796_000_000.123, ad_ids: [adId] }],
    total_count: 1,
    next_cursor: null,
  },
  'media.delete': { success: true, message: 'Deleted "coffee promo.mp4"' },
}
