import { openFrontDoor } from '../front-door.ts'
import { checkPrototypes } from '../refusals.ts'
import { objectWords } from '../samples.ts'
import { defineTarget } from '../target.ts'

export const mergePatches = defineTarget({
  name: 'merge-patch',
  seeds: [
    { json: { spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', image: 'b' }] } } } } },
    { json: { metadata: { labels: { a: null, b: 'c' }, annotations: null } } },
  ],
  words: [...objectWords],
  async open() {
    const ask = await openFrontDoor()
    return async (body) => {
      await ask({
        method: 'PATCH',
        url: '/apis/apps/v1/namespaces/default/deployments/d?dryRun=All',
        headers: { 'content-type': 'application/merge-patch+json' },
        body,
      })
      checkPrototypes()
    }
  },
})
