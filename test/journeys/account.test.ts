import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { nodeImage } from '../harness/node-image.ts'

let cluster: TestCluster
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'account-'))
  cluster = await startTestCluster({ nodes: 1 })
  writeFileSync(join(folder, 'client.tar'), await nodeImage('client', program))
  await cluster.importImage(join(folder, 'client.tar'))
  await cluster.apply(manifests)
})
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** What the client saw in the pod, once it has ended. */
const seenBy = (pod: string) =>
  eventually(`the end of ${pod}`, async () => {
    const { status } = await cluster.json<{ status: { phase: string } }>('get', 'pod', pod)
    if (status.phase !== 'Succeeded' && status.phase !== 'Failed') return undefined
    return JSON.parse(await cluster.kubectl('logs', pod)) as Seen
  })
type Seen = {
  readonly pods: readonly string[] | number
  readonly secrets: number
  readonly claims: {
    readonly aud: readonly string[]
    readonly sub: string
    readonly 'kubernetes.io': { readonly pod: { readonly name: string } }
  }
  readonly modes: string
}

it('a pod lists pods with the token of its account, which a role lets do that and nothing else', async () => {
  const { pods, secrets, claims } = await seenBy('reader')
  expect(pods).toEqual(expect.arrayContaining(['reader', 'stranger']))
  expect(secrets).toBe(403)
  expect(claims).toMatchObject({ sub: 'system:serviceaccount:default:reader', 'kubernetes.io': { pod: { name: 'reader' } } })
})

it('a pod of another account may not', async () => {
  expect(await seenBy('stranger')).toMatchObject({ pods: 403, secrets: 403, claims: { sub: 'system:serviceaccount:default:default' } })
})

it('a token for somebody else is not one for the API, and is the one user’s of its pod', async () => {
  const { pods, claims, modes } = await seenBy('vaulted')
  expect([pods, claims.aud, modes]).toEqual([401, ['vault'], '600 1000'])
})

const program = `
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { readFileSync, statSync } from 'node:fs'
const at = '/var/run/secrets/kubernetes.io/serviceaccount/'
const file = process.env.TOKEN_FILE ?? at + 'token'
const config = new KubeConfig()
config.loadFromCluster()
if (process.env.TOKEN_FILE) {
  const [user] = config.users
  config.loadFromClusterAndUser(config.getCurrentCluster(), { name: user.name, token: readFileSync(file, 'utf8') })
}
const namespace = readFileSync(at + 'namespace', 'utf8')
const api = config.makeApiClient(CoreV1Api)
const orCode = (asked) => asked.catch((error) => error.code ?? String(error))
const pods = orCode(api.listNamespacedPod({ namespace }).then(({ items }) => items.map(({ metadata }) => metadata.name)))
const secrets = orCode(api.listNamespacedSecret({ namespace }).then(() => 200))
const { mode, uid } = statSync(file)
Promise.all([pods, secrets]).then(([pods, secrets]) => console.log(JSON.stringify({
  pods, secrets,
  claims: JSON.parse(Buffer.from(readFileSync(file, 'utf8').split('.')[1], 'base64url')),
  modes: (mode & 0o777).toString(8) + ' ' + uid,
})))
`

const pod = (name: string, spec: object, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'client:1', imagePullPolicy: 'Never', ...container }], ...spec },
})

const manifests = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reads-pods' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'reader-reads-pods' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reads-pods' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
    },
    pod('stranger', {}),
    pod('reader', { serviceAccountName: 'reader' }),
    pod(
      'vaulted',
      {
        serviceAccountName: 'reader',
        securityContext: { runAsUser: 1000 },
        volumes: [
          {
            name: 'vault',
            projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 600 } }] },
          },
        ],
      },
      { env: [{ name: 'TOKEN_FILE', value: '/vault/token' }], volumeMounts: [{ name: 'vault', mountPath: '/vault' }] },
    ),
  ],
})
