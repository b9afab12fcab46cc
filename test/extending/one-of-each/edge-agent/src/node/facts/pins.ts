import { defineFact } from '@bramble/edge-agent/node/fact.ts'

export const pins = defineFact({ name: 'pins', read: () => ({ labels: { 'example.com/pins': '40' } }) })
