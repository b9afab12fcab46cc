import { definePatchTarget } from '../patches.ts'
import { objectWords } from '../samples.ts'

export const mergePatches = definePatchTarget({
  name: 'merge-patch',
  contentType: 'application/merge-patch+json',
  seeds: [
    { json: { spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', image: 'b' }] } } } } },
    { json: { metadata: { labels: { a: null, b: 'c' }, annotations: null } } },
  ],
  words: [...objectWords],
})
