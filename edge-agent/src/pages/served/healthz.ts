import { definePage } from '../page.ts'

export const healthz = definePage({ path: '/healthz', contentType: 'text/plain; charset=utf-8', text: () => 'ok' })
