import { openFrontDoor } from '../front-door.ts'
import { checkPrototypes } from '../refusals.ts'
import { deploymentJson, objectWords, yamlOf } from '../samples.ts'
import { defineTarget } from '../target.ts'

export const applies = defineTarget({
  name: 'apply',
  seeds: [
    {
      json: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80 }] }] } } },
      },
    },
    { json: { ...deploymentJson, metadata: { name: 'd', labels: { app: 'b' } } } },
    yamlOf({ ...deploymentJson, metadata: { name: 'd' } }),
  ],
  words: [...objectWords],
  async open() {
    const ask = await openFrontDoor()
    return async (body) => {
      await ask({
        method: 'PATCH',
        url: '/apis/apps/v1/namespaces/default/deployments/d?dryRun=All&fieldManager=a&force=true',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body,
      })
      checkPrototypes()
    }
  },
})
