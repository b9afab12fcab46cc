import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { NodeStreamRequest, StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import { describe, expect, it } from 'vitest'
import { createTestApi, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const merge = 'application/merge-patch+json'

const deployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
  },
})

describe('status', () => {
  it('takes the status alone, and the object itself leaves the status alone', async () => {
    const { json } = await createTestApi()
    await json('POST', deployments, { body: { ...deployment('a'), status: { replicas: 9 } } })
    const body = { spec: { replicas: 7 }, status: { replicas: 3 }, metadata: { labels: { x: 'y' } } }
    const status = await json('PATCH', `${deployments}/a/status`, { body, contentType: merge })
    expect(status.body).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 }, metadata: { generation: 1 } })
    expect(status.body.metadata.labels).toBeUndefined()
    const main = await json('PATCH', `${deployments}/a`, { body: { ...body, status: { replicas: 5 } }, contentType: merge })
    expect(main.body).toMatchObject({ spec: { replicas: 7 }, status: { replicas: 3 }, metadata: { generation: 2, labels: { x: 'y' } } })
  })
})

describe('scale', () => {
  it('reads and writes the number of replicas in the shape of autoscaling/v1', async () => {
    const { json } = await createTestApi()
    await json('POST', deployments, { body: deployment('a', 2) })
    const seen = await json('GET', `${deployments}/a/scale`)
    expect(seen.body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 }, status: { selector: 'app=a' } })
    expect(
      (await json('PATCH', `${deployments}/a/scale`, { body: { spec: { replicas: 4 } }, contentType: merge })).body.spec.replicas,
    ).toBe(4)
    const stale = await json('PUT', `${deployments}/a/scale`, { body: { ...seen.body, spec: { replicas: 9 } } })
    expect(stale.code).toBe(409)
    expect((await json('GET', `${deployments}/a`)).body.spec.replicas).toBe(4)
    const negative = await json('PATCH', `${deployments}/a/scale`, { body: { spec: { replicas: -1 } }, contentType: merge })
    expect(negative.code).toBe(422)
    expect((await json('GET', `${pods}/a/scale`)).code).toBe(404)
    const table = await json('GET', `${deployments}/a/scale`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    expect(table.body.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual(['Name', 'Desired', 'Available', 'Age'])
    expect(table.body.rows[0].cells.slice(0, 3)).toEqual(['a', 4, 0])
  })
})

describe('binding', () => {
  const binding = (name: string, node: string) => ({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name },
    target: { kind: 'Node', name: node },
  })

  it('puts a pod on a node once, says so in its conditions, and of two binders one is refused', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p') })
    const answers = await Promise.all(['n1', 'n2'].map((node) => json('POST', `${pods}/p/binding`, { body: binding('p', node) })))
    expect(answers.map(({ code }) => code).toSorted()).toEqual([201, 409])
    const { body } = await json('GET', `${pods}/p`)
    expect(body.spec.nodeName).toMatch(/^n[12]$/)
    expect(body.status.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'True' }))
    const again = await json('POST', '/api/v1/namespaces/default/bindings', { body: binding('p', 'n3') })
    expect(again.body.message).toContain('is already assigned to node')
  })

  it('to what can be the name of no node is refused by the field', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p') })
    const refused = await json('POST', `${pods}/p/binding`, { body: binding('p', 'No/Node') })
    expect(refused).toMatchObject({ code: 422, body: { details: { causes: [{ field: 'spec.nodeName' }] } } })
    expect((await json('GET', `${pods}/p`)).body.spec.nodeName).toBeUndefined()
  })
})

describe('what a scheduler notes on its binding', () => {
  const bind = async (metadata: object) => {
    const { json } = await createTestApi()
    const own = { labels: { zone: 'own' }, annotations: { a: 'old', kept: 'x' } }
    const { metadata: named, ...rest } = pod('p')
    await json('POST', pods, { body: { ...rest, metadata: { ...named, ...own } } })
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p', ...metadata }, target: { kind: 'Node', name: 'n1' } }
    const { code } = await json('POST', `${pods}/p/binding`, { body })
    return { code, pod: (await json('GET', `${pods}/p`)).body }
  }

  it('is on the pod afterwards: annotations in the place of its own, labels beside its own', async () => {
    const { code, pod: bound } = await bind({ annotations: { a: 'new', gpu: '1' }, labels: { zone: 'other', rack: 'r1' } })
    expect(code).toBe(201)
    expect(bound.metadata.annotations).toEqual({ a: 'new', kept: 'x', gpu: '1' })
    expect(bound.metadata.labels).toEqual({ zone: 'own', rack: 'r1' })
  })

  it('is held to the rules of every pod', async () => {
    for (const metadata of [{ annotations: { 'no good': '1' } }, { labels: { a: 'no good' } }]) {
      const { code, pod: left } = await bind(metadata)
      expect(code).toBe(422)
      expect(left.spec.nodeName).toBeUndefined()
    }
  })
})

describe('deleting a pod', () => {
  it('gives the node its time, shortens it on a second delete, and the node ends it', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p', { nodeName: 'n1' }) })
    const first = await json('DELETE', `${pods}/p`)
    expect(first.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) })
    const longer = await json('DELETE', `${pods}/p?gracePeriodSeconds=60`)
    expect(longer.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion)
    const shorter = await json('DELETE', `${pods}/p?gracePeriodSeconds=5`)
    expect(shorter.body.metadata.deletionGracePeriodSeconds).toBe(5)
    expect(Date.parse(shorter.body.metadata.deletionTimestamp)).toBe(Date.parse(first.body.metadata.deletionTimestamp) - 25_000)
    await json('DELETE', `${pods}/p?gracePeriodSeconds=0`)
    expect((await json('GET', `${pods}/p`)).code).toBe(404)
  })

  it('a pod that is nowhere goes at once', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p') })
    await json('DELETE', `${pods}/p`)
    expect((await json('GET', `${pods}/p`)).code).toBe(404)
  })

  it('Foreground and Orphan leave it to the garbage collector', async () => {
    const { json } = await createTestApi()
    for (const [name, policy, finalizer] of [
      ['a', 'Foreground', 'foregroundDeletion'],
      ['b', 'Orphan', 'orphan'],
    ] as const) {
      await json('POST', deployments, { body: deployment(name) })
      const { body } = await json('DELETE', `${deployments}/${name}?propagationPolicy=${policy}`)
      expect(body.metadata).toMatchObject({ finalizers: [finalizer], deletionTimestamp: expect.any(String) })
      const late = { metadata: { finalizers: [finalizer, 'example.com/late'] } }
      expect((await json('PATCH', `${deployments}/${name}`, { body: late, contentType: merge })).code).toBe(422)
      await json('PATCH', `${deployments}/${name}`, { body: { metadata: { finalizers: [] } }, contentType: merge })
      expect((await json('GET', `${deployments}/${name}`)).code).toBe(404)
    }
  })

  it('an eviction is a delete that can be tried first', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p', { nodeName: 'n1' }) })
    const eviction = (extra = {}) => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, ...extra })
    expect((await json('POST', `${pods}/p/eviction`, { body: eviction({ deleteOptions: { dryRun: ['All'] } }) })).code).toBe(201)
    expect((await json('GET', `${pods}/p`)).body.metadata.deletionTimestamp).toBeUndefined()
    expect((await json('POST', `${pods}/p/eviction`, { body: eviction({ deleteOptions: { gracePeriodSeconds: 7 } }) })).code).toBe(201)
    expect((await json('GET', `${pods}/p`)).body.metadata.deletionGracePeriodSeconds).toBe(7)
  })
})

describe('log', () => {
  const setUp = async () => {
    const asked: { node: string; request: NodeStreamRequest }[] = []
    const api = await createTestApi({
      openNodeStream(node, request) {
        asked.push({ node, request })
        return servedBy<'logs'>(async ({ previous, container, pod: name }, stream) => {
          if (previous) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`)
          await stream.channel(1).write(Buffer.from('hello '))
          await stream.channel(1).write(Buffer.from('world\n'))
        }, request as StreamRequest<'logs'>) // nothing else is asked for
      },
    })
    const two = {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'x' },
      ],
      nodeName: 'n1',
    }
    await api.json('POST', pods, { body: pod('two', two) })
    await api.json('POST', pods, { body: pod('one', { nodeName: 'n1' }) })
    return { ...api, asked }
  }

  it('asks the pod’s node with the options given, and passes its bytes on', async () => {
    const { ask, asked } = await setUp()
    const response = await ask('GET', `${pods}/one/log?tailLines=5&follow=true&sinceSeconds=10`)
    if (response.type !== 'stream') throw new Error('expected a stream')
    let text = ''
    for await (const chunk of response.stream) text += Buffer.from(chunk).toString()
    expect(text).toBe('hello world\n')
    expect(asked).toMatchObject([
      {
        node: 'n1',
        request: { pod: 'one', container: 'main', tailLines: 5, sinceSeconds: 10, follow: true, previous: false, timestamps: false },
      },
    ])
  })

  it('asks which container when there are several, and refuses what makes no sense', async () => {
    const { json, asked } = await setUp()
    const message = async (url: string) => (await json('GET', url)).body.message
    expect(await message(`${pods}/two/log`)).toBe('a container name must be specified for pod two, choose one of: [a b]')
    expect(await message(`${pods}/two/log?container=c`)).toBe('container c is not valid for pod two')
    expect((await json('GET', `${pods}/one/log?tailLines=-1`)).code).toBe(400)
    expect((await json('GET', `${pods}/one/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z`)).code).toBe(400)
    expect((await json('GET', `${pods}/none/log`)).code).toBe(404)
    expect(asked).toEqual([])
  })

  it('a refusal of the node is an answer, not a broken stream', async () => {
    const { json } = await setUp()
    expect(await json('GET', `${pods}/one/log?previous=true`)).toMatchObject({ code: 400, body: { reason: 'BadRequest' } })
  })
})
