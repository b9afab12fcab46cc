import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPki } from '@bramble/hub/apiserver/testing/pki.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { nodeImage } from '../harness/node-image.ts'

let cluster: TestCluster
let folder: string
let caBundle: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'admission-'))
  const pki = await createPki()
  caBundle = Buffer.from(pki.ca).toString('base64')
  cluster = await startTestCluster({ nodes: 1 })
  writeFileSync(join(folder, 'hooks.tar'), await nodeImage('hooks', program))
  await cluster.importImage(join(folder, 'hooks.tar'))
  await cluster.apply(hooks(await pki.leaf('hooks', [], 'server', undefined, ['hooks.default.svc'])))
  await eventually('the webhook is ready', async () => {
    const { status } = await cluster.json<{ status: { conditions?: { type: string; status: string }[] } }>('get', 'pod', 'hooks')
    return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  })
})
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const failed = async (made: Promise<string>): Promise<string> =>
  made.then(
    (out) => `made: ${out}`,
    (error: unknown) => String(error),
  )
const create = (name: string, data: object) =>
  cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { checked: 'yes' } }, data }))

it('webhooks in a pod are asked through its node, change and refuse, and are out of the way when they are taken away', async () => {
  await cluster.apply(configurations(caBundle))
  await eventually('the first is changed', async () => {
    await create('good', { color: 'blue' }).catch(() => {}) // until the endpoint of the Service is there
    const { data } = await cluster.json<{ data?: Record<string, string> }>('get', 'configmap', 'good').catch(() => ({ data: undefined }))
    return data?.['seen'] === 'CREATE'
  })
  expect(await failed(create('bad', { color: 'red' }).then(String))).toContain(
    'admission webhook "check.hooks.example.com" denied the request: red is out of fashion',
  )
  await cluster.kubectl('delete', 'pod', 'hooks', '--now')
  await eventually('nobody answers any more', async () =>
    (await failed(create('bad', { color: 'red' }).then(String))).includes('failed calling webhook "add.hooks.example.com"'),
  )
  await cluster.kubectl('delete', 'mutatingwebhookconfiguration/hooks', 'validatingwebhookconfiguration/hooks')
  await create('bad', { color: 'red' })
  await cluster.kubectl('delete', 'configmap', 'good', 'bad')
})

it('a policy refuses in its own words', async () => {
  await cluster.apply(policy)
  expect(await failed(create('bad', { color: 'red' }).then(String))).toContain(
    `ValidatingAdmissionPolicy 'colors' with binding 'colors' denied request: no red here, try blue`,
  )
  await create('good', { color: 'blue' })
  await cluster.kubectl('delete', 'validatingadmissionpolicybinding', 'colors')
  await create('bad', { color: 'red' })
})

const program = `
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
const at = '/certs/'
createServer({ cert: readFileSync(at + 'tls.crt'), key: readFileSync(at + 'tls.key') }, (asked, answer) => {
  const chunks = []
  asked.on('data', (chunk) => chunks.push(chunk))
  asked.on('end', () => {
    if (asked.method === 'GET') return answer.end('ok')
    const { apiVersion, kind, request } = JSON.parse(Buffer.concat(chunks))
    const { uid, object, operation } = request
    const patch = [{ op: 'add', path: '/data/seen', value: operation }]
    const response = asked.url.startsWith('/add')
      ? { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
      : { uid, allowed: object.data.color !== 'red', status: { message: 'red is out of fashion' } }
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ apiVersion, kind, response }))
  })
}).listen(8443)
`

const list = (...items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

const hooks = ({ cert, key }: { readonly cert: string; readonly key: string }) =>
  list(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hooks' },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': cert, 'tls.key': key },
    },
    {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hooks', labels: { app: 'hooks' } } },
      spec: {
        volumes: [{ name: 'certs', secret: { secretName: 'hooks' } }],
        containers: [
          {
            ...{ name: 'main', image: 'hooks:1', imagePullPolicy: 'Never', volumeMounts: [{ name: 'certs', mountPath: '/certs' }] },
            readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
          },
        ],
      },
    },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hooks' } },
      spec: { selector: { app: 'hooks' }, ports: [{ port: 443, targetPort: 8443 }] },
    },
  )

const rules = [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }]

const configurations = (ca: string) => {
  const of = (kind: string, name: string, path: string) => ({
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'hooks' } },
    webhooks: [
      {
        ...{ name, rules, sideEffects: 'None', admissionReviewVersions: ['v1'], objectSelector: { matchLabels: { checked: 'yes' } } },
        clientConfig: { service: { namespace: 'default', name: 'hooks', path }, caBundle: ca },
      },
    ],
  })
  return list(
    of('MutatingWebhookConfiguration', 'add.hooks.example.com', '/add'),
    of('ValidatingWebhookConfiguration', 'check.hooks.example.com', '/check'),
  )
}

const policy = list(
  {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'colors' } },
    spec: {
      matchConstraints: { resourceRules: rules },
      variables: [{ name: 'color', expression: 'object.data[?"color"].orValue("")' }],
      validations: [{ expression: 'variables.color != "red"', messageExpression: '"no " + variables.color + " here, try blue"' }],
    },
  },
  {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'colors' } },
    spec: { policyName: 'colors', validationActions: ['Deny'], matchResources: { objectSelector: { matchLabels: { checked: 'yes' } } } },
  },
)
