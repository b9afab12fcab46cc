/** Objects of everyday life, as JSON, which is YAML as well. */

/** One stands alone: kubectl itself checks what is in a List. */
const list = (...items: object[]) => JSON.stringify(items.length === 1 ? items[0] : { apiVersion: 'v1', kind: 'List', items })

const configMap = (name: string, tier: string, data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { tier } },
  data,
})

export const twoConfigMaps = list(configMap('a', 'x', { k: 'v', l: 'm' }), configMap('b', 'y', { k: 'w' }))

export const oneConfigMap = (value: string) => list(configMap('one', 'x', { k: value }))

export const deployment = (replicas: number, image: string, app = 'web') =>
  list({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] },
      },
    },
  })

export const service = list({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
})

export const pod = (name: string) =>
  list({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'a:1' }] },
  })

/** With its namespace: `auth reconcile` takes none from the command line. */
export const roles = (namespace: string) =>
  list(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reader', namespace },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'readers', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jo' }],
    },
  )

/** A definition, of a kind that is called as its group's namespace, so that groups do not meet. */
export const definition = (kind: string) => {
  const plural = `${kind.toLowerCase()}s`
  return list({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), shortNames: [kind.toLowerCase().slice(0, 3)] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.replicas' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: 'Something that is brought along.',
              properties: {
                spec: { type: 'object', properties: { replicas: { type: 'integer', minimum: 0 }, text: { type: 'string' } } },
                status: { type: 'object', properties: { replicas: { type: 'integer' } } },
              },
            },
          },
        },
      ],
    },
  })
}

export const custom = (kind: string, replicas: number) =>
  JSON.stringify({ apiVersion: 'example.com/v1', kind, metadata: { name: 'one' }, spec: { replicas } })
