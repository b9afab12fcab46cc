import { openFrontDoor } from '../front-door.ts'
import { checkPrototypes } from '../refusals.ts'
import { deploymentJson, objectWords, podJson } from '../samples.ts'
import { defineTarget } from '../target.ts'

const places: Readonly<Record<string, string>> = {
  Pod: '/api/v1/namespaces/default/pods',
  Deployment: '/apis/apps/v1/namespaces/default/deployments',
}

/** Whole objects through the front door, up to what would be stored. */
export const objects = defineTarget({
  name: 'objects',
  seeds: [{ json: podJson }, { json: deploymentJson }],
  words: objectWords,
  async open() {
    const ask = await openFrontDoor()
    return async (body, random) => {
      const kind = random.pick(Object.keys(places))
      await ask({ method: 'POST', url: `${places[kind]}?dryRun=All`, headers: { 'content-type': 'application/json' }, body })
      checkPrototypes()
    }
  },
})
