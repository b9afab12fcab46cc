import { expect, it } from 'vitest'
import { createTestApi, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'
const path = '/var/run/secrets/kubernetes.io/serviceaccount'
const merge = 'application/merge-patch+json'

const withAccount = async (name: string, extra: object = {}) => {
  const api = await createTestApi()
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name }, ...extra }
  expect((await api.json('POST', '/api/v1/namespaces/default/serviceaccounts', { body })).code).toBe(201)
  return api.json
}

it('each container is shown the token, the authority and the namespace', async () => {
  const json = await withAccount('builder')
  const spec = { serviceAccountName: 'builder', initContainers: [{ name: 'first', image: 'x' }] }
  const { body, headers } = await json('POST', pods, { body: pod('p', spec) })
  const [volume] = body.spec.volumes
  expect(volume).toEqual({
    name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/),
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  })
  for (const { volumeMounts } of [...body.spec.containers, ...body.spec.initContainers])
    expect(volumeMounts).toEqual([{ name: volume.name, readOnly: true, mountPath: path }])
  expect(headers['warning']).toBeUndefined()
  // An update that leaves them as they are is one.
  expect((await json('PUT', `${pods}/p`, { body })).code).toBe(200)
})

it('a pod that is made of one that was read has it once', async () => {
  const json = await withAccount('default')
  const { body } = await json('POST', pods, { body: pod('p') })
  const { resourceVersion: _revision, uid: _uid, ...metadata } = body.metadata
  const again = await json('POST', pods, { body: { ...body, metadata: { ...metadata, name: 'q' } } })
  expect(again.body.spec.volumes).toEqual(body.spec.volumes)
  expect(again.body.spec.containers[0].volumeMounts).toHaveLength(1)
})

it('a container with something at that place keeps it, and the others are shown it', async () => {
  const json = await withAccount('default')
  const own = { name: 'mine', emptyDir: {} }
  const containers = [
    { name: 'a', image: 'x', volumeMounts: [{ name: 'mine', mountPath: path }] },
    { name: 'b', image: 'x' },
  ]
  const both = await json('POST', pods, { body: pod('p', { containers, volumes: [own] }) })
  const [a, b] = both.body.spec.containers
  expect([a.volumeMounts.length, b.volumeMounts.length, both.body.spec.volumes.length]).toEqual([1, 1, 2])
  const alone = await json('POST', pods, { body: pod('q', { containers: containers.slice(0, 1), volumes: [own] }) })
  expect(alone.body.spec.volumes).toHaveLength(1)
})

it.each([
  ['the account does not want it', false, undefined, false],
  ['the pod wants it all the same', false, true, true],
  ['the pod does not want it', true, false, false],
  ['nobody says anything', undefined, undefined, true],
])('%s', async (_what, ofAccount, ofPod, isGiven) => {
  const json = await withAccount('a', ofAccount === undefined ? {} : { automountServiceAccountToken: ofAccount })
  const spec = { serviceAccountName: 'a', ...(ofPod !== undefined && { automountServiceAccountToken: ofPod }) }
  expect(((await json('POST', pods, { body: pod('p', spec) })).body.spec.volumes ?? []).length > 0).toBe(isGiven)
})

it('a mirror has none, and an account that is not there has no pods', async () => {
  const { json } = await createTestApi()
  const metadata = { annotations: { 'kubernetes.io/config.mirror': 'x' } }
  const mirror = await json('POST', pods, { body: pod('p', { nodeName: 'n' }, metadata) })
  expect(mirror.body.spec.volumes).toBeUndefined()
  const { code, body } = await json('POST', pods, { body: pod('q', { serviceAccountName: 'none' }) })
  expect([code, body.message]).toEqual([
    403,
    'pods "q" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
  ])
})

it('`default` gives it before it is there: it is on its way', async () => {
  const { json } = await createTestApi()
  const made = await json('POST', pods, { body: pod('p') })
  expect(made.body.spec.volumes).toHaveLength(1)
  await json('PATCH', `${pods}/p`, { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })
  expect((await json('GET', `${pods}/p`)).body.spec.volumes).toHaveLength(1)
})
