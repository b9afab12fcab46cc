import { definePage } from '../page.ts'

/** The pods that this node is to run, as it has them. */
export const pods = definePage({
  path: '/pods',
  contentType: 'application/json',
  text: ({ wanted }) =>
    JSON.stringify({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: {},
      items: wanted().map((pod) => ({ ...pod, kind: 'Pod', apiVersion: 'v1' })),
    }),
})
