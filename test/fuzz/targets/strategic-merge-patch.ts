import { definePatchTarget } from '../patches.ts'
import { objectWords } from '../samples.ts'

export const strategicMergePatches = definePatchTarget({
  name: 'strategic-merge-patch',
  contentType: 'application/strategic-merge-patch+json',
  seeds: [
    {
      json: {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'c', env: [{ name: 'A', $patch: 'delete' }] },
                { name: 'n', image: 'b' },
              ],
            },
          },
        },
      },
    },
    {
      json: {
        spec: {
          template: {
            spec: {
              '$setElementOrder/containers': [{ name: 'c' }],
              volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'e', hostPath: { path: '/' } }],
            },
          },
        },
      },
    },
    { json: { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'], finalizers: ['y.io/z'], labels: { $patch: 'replace', a: 'b' } } } },
  ],
  words: [...objectWords],
})
