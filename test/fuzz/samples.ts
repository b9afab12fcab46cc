/** Objects with something of everything that readers look into. */
export const podJson = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default', labels: { app: 'a', 'x.io/y': '' }, annotations: { note: 'ä€' }, finalizers: ['x.io/a'] },
  spec: {
    terminationGracePeriodSeconds: 0,
    hostNetwork: false,
    volumes: [{ name: 'e', emptyDir: {} }],
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 9_007_199_254_740_991 }],
    containers: [
      {
        name: 'c',
        image: 'busybox:1',
        args: ['a', ''],
        env: [{ name: 'A', value: '$(B)' }],
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: { limits: { cpu: '0.5', memory: '64Mi' }, requests: { cpu: '250m' } },
        livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 10 },
        volumeMounts: [{ name: 'e', mountPath: '/e' }],
        securityContext: { runAsUser: 1000, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
}

export const deploymentJson = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'default', labels: { app: 'a' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'a' } },
    strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
    template: { metadata: { labels: { app: 'a' } }, spec: podJson.spec },
  },
}

/** Words of objects, for places and values. */
export const objectWords: readonly string[] = [
  ...['apiVersion', 'kind', 'metadata', 'spec', 'status', 'name', 'namespace', 'labels', 'annotations', 'finalizers', 'ownerReferences'],
  ...['containers', 'volumes', 'image', 'env', 'ports', 'containerPort', 'protocol', 'resources', 'limits', 'selector', 'matchLabels'],
  ...['$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', 'delete', 'replace', 'merge'],
  ...['v1', 'apps/v1', 'Pod', 'Deployment', 'default', 'TCP', 'UDP', 'Always', '25%', '100Mi', '0.5', '2026-01-01T00:00:00Z', '1h'],
]

export const yamlOf = (value: unknown, indent = ''): string => {
  if (Array.isArray(value))
    return value.length === 0 ? ' []' : value.map((item) => `\n${indent}- ${yamlOf(item, `${indent}  `).trimStart()}`).join('')
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`
  const entries = Object.entries(value)
  return entries.length === 0 ? ' {}' : entries.map(([key, part]) => `\n${indent}${key}:${yamlOf(part, `${indent}  `)}`).join('')
}
