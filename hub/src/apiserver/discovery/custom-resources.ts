import type { PathRoute } from '../routes/route.ts'

/**
 * There are no custom resources yet, and no CustomResourceDefinition in discovery. Clients that meet a kind they do not know ask for
 * the list all the same, and only an empty one lets kubectl say the true reason: `no matches for kind "Gadget" in version "v1"`.
 */
export const customResources: PathRoute = {
  at: /^\/apis\/apiextensions\.k8s\.io\/v1\/customresourcedefinitions$/,
  answer: () => ({
    type: 'object',
    status: 200,
    object: {
      kind: 'CustomResourceDefinitionList',
      apiVersion: 'apiextensions.k8s.io/v1',
      metadata: { resourceVersion: '1' },
      items: [],
    },
  }),
}
