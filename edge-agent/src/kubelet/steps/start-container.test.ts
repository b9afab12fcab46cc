import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { createCri } from '../../cri/client.ts'
import type { Cri } from '../../cri/cri.ts'
import { enums, messages } from '../../cri/messages.ts'
import { grpcServer, type ServerCall } from '../../cri/testing/grpc-server.ts'
import { createResolverFiles } from '../config/resolver-files.ts'
import type { StepContext } from '../parts.ts'
import { podPaths } from '../paths.ts'
import { createQueues } from '../queues.ts'
import { memory, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import { objectsIn } from '../wanted/objects-in.ts'
import { createLeftBehind } from './left-behind.ts'
import { startContainer } from './start-container.ts'

const codec = createCodec({ messages, enums })

describe('a container whose image holds the runtime', () => {
  let dir: string
  let server: Awaited<ReturnType<typeof grpcServer>>
  let cri: Cri
  let creating: ServerCall[]
  let removed: string[]
  let agent: AbortController
  let pod: AbortController
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'start-container-'))
    creating = []
    removed = []
    agent = new AbortController()
    pod = new AbortController()
    server = await grpcServer((path, call) => {
      const method = path.split('/').at(-1)
      if (method === 'CreateContainer') return void creating.push(call)
      if (method === 'RemoveContainer') removed.push(String(codec.decode('RemoveContainerRequest', call.message)['containerId']))
      call.send(method === 'ImageStatus' ? codec.encode('ImageStatusResponse', { image: { id: 'sha256:1' } }) : new Uint8Array())
      call.end(0)
    })
    cri = createCri(server.socketPath)
  })
  afterEach(async () => {
    cri.close()
    await server.close()
    rmSync(dir, { recursive: true })
  })
  const created = (containerId: string) => {
    creating[0]?.send(codec.encode('CreateContainerResponse', { containerId }))
    creating[0]?.end(0)
  }

  const start = (name = 'main', wanted = samplePod()) => {
    const paths = podPaths(dir)
    const problems: unknown[] = []
    const leftBehind = createLeftBehind(agent.signal, (error) => problems.push(error))
    let remembered = memory()
    const context = {
      ...{ cri, paths, leftBehind, pod: wanted, uid: 'u1', signal: pod.signal, ...createQueues() },
      clock: { now: () => now, monotonic: () => now },
      instance: 'x',
      nodeName: 'node-1',
      hostIP: () => '192.0.2.1',
      clusterDomain: 'cluster.local',
      clusterResolver: () => undefined,
      resolverFiles: createResolverFiles({ paths, clusterResolver: () => undefined }),
      allocatable: () => ({}),
      limits: { hasMemoryCgroup: true, hasCpuCgroup: true, memoryBytes: 2 ** 30 },
      objects: objectsIn(createMemoryCache()),
      emit: () => {},
      seen: seenPod([sandbox()], name === 'main' ? [] : [seenContainer('main')]),
      memory: () => remembered,
      remember: (change: object) => (remembered = { ...remembered, ...change }),
    } as unknown as StepContext // what the step uses
    const done = startContainer({ kind: 'startContainer', name, sandboxId: 's0', restartCount: 0 }, context)
    return { done, leftBehind, problems }
  }

  it('keeps nobody waiting who deletes its pod, and is removed when the runtime has made it after all', async () => {
    const { done, leftBehind, problems } = start()
    await vi.waitFor(() => expect(creating).toHaveLength(1))
    pod.abort(new Error('the pod is to end'))
    await expect(done).rejects.toThrow('the pod is to end')
    let isOver = false
    const ended = leftBehind.ended().then(() => (isOver = true))
    await cri.version()
    expect([isOver, removed]).toEqual([false, []])
    created('late')
    await ended
    expect([removed, problems]).toEqual([['late'], []])
  })

  it('leaves nothing to remove when the runtime gives up', async () => {
    const { done, leftBehind, problems } = start()
    await vi.waitFor(() => expect(creating).toHaveLength(1))
    pod.abort(new Error('the pod is to end'))
    await expect(done).rejects.toThrow('the pod is to end')
    creating[0]?.end(4, 'context deadline exceeded')
    await leftBehind.ended()
    expect([removed, problems]).toEqual([[], []])
  })

  it('does not keep an agent from stopping: the next one finds what there is', async () => {
    const { done, leftBehind } = start()
    await vi.waitFor(() => expect(creating).toHaveLength(1))
    agent.abort(new Error('the agent stops'))
    pod.abort(agent.signal.reason)
    await expect(done).rejects.toThrow('the agent stops')
    await leftBehind.ended()
    expect(removed).toEqual([])
  })

  it('is started as any other when the runtime answers', async () => {
    const { done } = start()
    await vi.waitFor(() => expect(creating).toHaveLength(1))
    created('c1')
    expect(await done).toBe('done')
    expect(removed).toEqual([])
  })
  it('is made among the processes of the one that it is to look into', async () => {
    const debug = { name: 'debug', image: 'busybox:1', targetContainerName: 'main' }
    const { done } = start('debug', samplePod({ ephemeralContainers: [debug] }))
    await vi.waitFor(() => expect(creating).toHaveLength(1))
    const asked = codec.decode('CreateContainerRequest', creating[0]?.message ?? new Uint8Array())
    expect(asked).toMatchObject({
      config: { metadata: { name: 'debug' }, linux: { securityContext: { namespaceOptions: { pid: 'TARGET', targetId: 'main-0' } } } },
    })
    created('c1')
    expect(await done).toBe('done')
  })
})
