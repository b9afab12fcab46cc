import { openFrontDoor } from '../front-door.ts'
import { checkPrototypes } from '../refusals.ts'
import { objectWords } from '../samples.ts'
import { defineTarget } from '../target.ts'

export const strategicMergePatches = defineTarget({
  name: 'strategic-merge-patch',
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
  async open() {
    const ask = await openFrontDoor()
    return async (body) => {
      await ask({
        method: 'PATCH',
        url: '/apis/apps/v1/namespaces/default/deployments/d?dryRun=All',
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
        body,
      })
      checkPrototypes()
    }
  },
})
