import { ApiError } from '@bramble/shared/api/api-error.ts'
import { channels, type OpenNodeStream, type StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import { describe, expect, it } from 'vitest'
import { createTestApi, type Json, pod } from '../testing/api.ts'
import { startKubectl } from '../testing/kubectl.ts'

const used = (cpuNanoCores: number, mebibytes: number) => ({ cpuNanoCores, memoryBytes: mebibytes * 1024 * 1024 })

/** Nodes n1 (a pod `web` with two containers), n2 (whose agent is too old), n3 (which is away) and n4 (which says nonsense). */
async function topped({ now = () => 0 }: { readonly now?: () => number } = {}) {
  const asked: string[] = []
  let pods: Json = []
  const openNodeStream: OpenNodeStream = (node, request, signal) => {
    asked.push(node)
    if (node === 'n2') throw new ApiError('MethodNotAllowed', 'update the agent of that node')
    if (node === 'n3') throw new ApiError('ServiceUnavailable', 'node n3 is not connected')
    const usage = node === 'n4' ? { pods: [{ uid: 'x'.repeat(1000) }] } : { windowMs: 15_250, node: used(250_000_000, 700), pods }
    const serve = async (_request: unknown, stream: { channel(n: number): { write(bytes: Uint8Array): Promise<void> } }) =>
      stream.channel(channels.stdout).write(Buffer.from(JSON.stringify(usage)))
    return servedBy<'usage'>(serve, request as StreamRequest<'usage'>, signal) // nothing else is asked for
  }
  const api = await createTestApi({ openNodeStream, clock: { now: () => Date.UTC(2026, 10, 27), monotonic: now } })
  const make = async (path: string, body: object) => expect(await api.json('POST', path, { body })).toMatchObject({ code: 201 })
  for (const name of ['n1', 'n2', 'n3', 'n4'])
    await make('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { zone: name === 'n1' ? 'a' : 'b' } } })
  await api.json('PATCH', '/api/v1/nodes/n1/status', {
    ...{ body: { status: { allocatable: { cpu: '4', memory: '4Gi' }, capacity: { cpu: '4', memory: '4Gi' } } } },
    contentType: 'application/merge-patch+json',
  })
  const uids: Record<string, string> = {}
  for (const [name, node] of [
    ['web', 'n1'],
    ['old', 'n2'],
  ] as const) {
    const containers = [
      { name: 'main', image: 'a' },
      { name: 'side', image: 'b' },
    ]
    await make('/api/v1/namespaces/default/pods', pod(name, { containers, nodeName: node }, { labels: { app: name } }))
    await api.json('PATCH', `/api/v1/namespaces/default/pods/${name}/ephemeralcontainers`, {
      ...{
        body: { spec: { ephemeralContainers: [{ name: 'debug', image: 'c' }] } },
        contentType: 'application/strategic-merge-patch+json',
      },
    })
    const { body } = await api.json('PATCH', `/api/v1/namespaces/default/pods/${name}/status`, {
      ...{ body: { status: { phase: 'Running' } }, contentType: 'application/merge-patch+json' },
    })
    uids[name] = body.metadata.uid
  }
  pods = [
    {
      uid: uids['web'],
      containers: [
        { name: 'main', ...used(1_500_000, 10) },
        { name: 'side', ...used(0, 1) },
        { name: 'debug', ...used(0, 2) },
        { name: 'invented', ...used(9, 9) },
      ],
    },
    { uid: uids['old'], containers: [{ name: 'main', ...used(9, 9) }] },
  ]
  return { ...api, asked }
}
const root = '/apis/metrics.k8s.io/v1beta1'

describe('metrics.k8s.io', () => {
  it('tells what nodes use that can say it, by labels and by name, and asks each once in a while', async () => {
    let now = 0
    const { json, asked } = await topped({ now: () => now })
    const { body } = await json('GET', `${root}/nodes`)
    expect(body).toEqual({
      ...{ kind: 'NodeMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {} },
      items: [
        {
          ...{ kind: 'NodeMetrics', apiVersion: 'metrics.k8s.io/v1beta1' },
          metadata: { name: 'n1', creationTimestamp: '2026-11-27T00:00:00Z', labels: { zone: 'a' } },
          ...{ timestamp: '2026-11-27T00:00:00Z', window: '15.25s', usage: { cpu: '250000000n', memory: '716800Ki' } },
        },
      ],
    })
    expect(asked.toSorted()).toEqual(['n1', 'n2', 'n3', 'n4'])
    expect((await json('GET', `${root}/nodes?labelSelector=zone%3Db`)).body.items).toEqual([])
    expect((await json('GET', `${root}/nodes/n1`)).body.usage).toEqual({ cpu: '250000000n', memory: '716800Ki' })
    expect(asked).toHaveLength(4)
    now += 16_000
    await json('GET', `${root}/nodes/n1`)
    expect(asked.slice(4)).toEqual(['n1'])
    expect(await json('GET', `${root}/nodes/n2`)).toMatchObject({
      code: 404,
      body: { message: 'nodemetrics.metrics.k8s.io "n2" not found' },
    })
  })

  it('tells what pods use as their own node says, and of containers that they have', async () => {
    const { json, asked } = await topped()
    const { body } = await json('GET', `${root}/namespaces/default/pods?labelSelector=app%3Dweb`)
    expect(body.items).toMatchObject([
      {
        metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
        containers: [
          { name: 'main', usage: { cpu: '1500000n', memory: '10240Ki' } },
          { name: 'side', usage: { cpu: '0', memory: '1024Ki' } },
          { name: 'debug', usage: { cpu: '0', memory: '2048Ki' } },
        ],
      },
    ])
    expect(body.items[0].containers).toHaveLength(3)
    expect(asked).toEqual(['n1'])
    expect((await json('GET', `${root}/pods`)).body.items).toHaveLength(1)
    expect(await json('GET', `${root}/namespaces/default/pods/old`)).toMatchObject({
      ...{ code: 404, body: { message: 'podmetrics.metrics.k8s.io "default/old" not found' } },
    })
    expect(await json('DELETE', `${root}/nodes/n1`)).toMatchObject({ code: 405 })
  })

  it('is what kubectl top prints', async () => {
    const api = await topped()
    await using hub = await startKubectl(api)
    expect((await hub.kubectl(['top', 'node', 'n1'])).out).toMatch(/n1 +250m +6% +700Mi +17%/)
    expect((await hub.kubectl(['top', 'pods', '--containers'])).out).toMatch(/web +main +2m +10Mi\s+web +side +0m +1Mi/)
    expect((await hub.kubectl(['get', 'apiservices', 'v1beta1.metrics.k8s.io'])).out).toMatch(/Local +True/)
  }, 60_000)
})
