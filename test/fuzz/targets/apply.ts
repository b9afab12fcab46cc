import { definePatchTarget } from '../patches.ts'
import { deploymentJson, objectWords, yamlOf } from '../samples.ts'

export const applies = definePatchTarget({
  name: 'apply',
  contentType: 'application/apply-patch+yaml',
  query: '&fieldManager=a&force=true',
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
})
