import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { createCri } from '../../cri/client.ts'
import type { Cri } from '../../cri/cri.ts'
import { enums, messages } from '../../cri/messages.ts'
import { grpcServer, type ServerCall } from '../../cri/testing/grpc-server.ts'
import type { StepContext } from '../parts.ts'
import { podPaths } from '../paths.ts'
import { createQueues } from '../queues.ts'
import { memory, now, samplePod, seenPod } from '../testing/samples.ts'
import { createLeftBehind } from './left-behind.ts'
import { makeSandbox } from './make-sandbox.ts'

const codec = createCodec({ messages, enums })

describe('a pod whose sandbox the runtime does not get done', () => {
  let dir: string
  let server: Awaited<ReturnType<typeof grpcServer>>
  let cri: Cri
  let held: ServerCall[]
  let asked: string[]
  let holds: string
  let agent: AbortController
  let pod: AbortController
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'make-sandbox-'))
    held = []
    asked = []
    holds = 'RunPodSandbox'
    agent = new AbortController()
    pod = new AbortController()
    server = await grpcServer((path, call) => {
      const method = path.split('/').at(-1) ?? ''
      asked.push(method)
      if (method === holds) return void held.push(call)
      call.send(new Uint8Array())
      call.end(0)
    })
    cri = createCri(server.socketPath)
  })
  afterEach(async () => {
    cri.close()
    await server.close()
    rmSync(dir, { recursive: true })
  })
  const made = (podSandboxId: string) => {
    held[0]?.send(codec.encode('RunPodSandboxResponse', { podSandboxId }))
    held[0]?.end(0)
  }

  const make = (replaces: readonly string[] = []) => {
    const problems: unknown[] = []
    const leftBehind = createLeftBehind(agent.signal, (error) => problems.push(error))
    let remembered = memory()
    const context = {
      ...{ cri, paths: podPaths(dir), leftBehind, pod: samplePod(), uid: 'u1', signal: pod.signal, ...createQueues() },
      clock: { now: () => now, monotonic: () => now },
      instance: 'x',
      nodeName: 'node-1',
      clusterResolver: () => undefined,
      limits: { hasMemoryCgroup: true, hasCpuCgroup: true, memoryBytes: 2 ** 30 },
      hostPortTaken: () => undefined,
      emit: () => {},
      seen: seenPod([]),
      memory: () => remembered,
      remember: (change: object) => (remembered = { ...remembered, ...change }),
    } as unknown as StepContext // what the step uses
    return { done: makeSandbox({ kind: 'makeSandbox', attempt: 0, replaces }, context), leftBehind, problems }
  }
  const deleted = new Error('the pod is to end')
  const isHeld = () => vi.waitFor(() => expect(held).toHaveLength(1))

  it('ends without waiting for it when it is deleted, and what comes of it after all is taken down', async () => {
    const { done, leftBehind, problems } = make()
    await isHeld()
    pod.abort(deleted)
    await expect(done).rejects.toThrow('the pod is to end')
    expect(asked).toEqual(['RunPodSandbox'])
    made('late')
    await leftBehind.ended()
    expect(asked).toEqual(['RunPodSandbox', 'StopPodSandbox', 'RemovePodSandbox'])
    expect(problems).toEqual([])
  })

  it('leaves nothing to take down when the runtime gives up', async () => {
    const { done, leftBehind, problems } = make()
    await isHeld()
    pod.abort(deleted)
    await expect(done).rejects.toThrow('the pod is to end')
    held[0]?.end(4, 'context deadline exceeded')
    await leftBehind.ended()
    expect([asked, problems]).toEqual([['RunPodSandbox'], []])
  })

  it('does not keep an agent from stopping: the next one finds what there is', async () => {
    const { done, leftBehind } = make()
    await isHeld()
    agent.abort(new Error('the agent stops'))
    pod.abort(agent.signal.reason)
    await expect(done).rejects.toThrow('the agent stops')
    await leftBehind.ended()
    expect(asked).toEqual(['RunPodSandbox'])
  })

  it('does not wait for the end of the one before either', async () => {
    holds = 'StopPodSandbox'
    const { done } = make(['before'])
    await isHeld()
    pod.abort(deleted)
    await expect(done).rejects.toThrow('the pod is to end')
    expect(asked).toEqual(['StopPodSandbox'])
  })

  it('has it as any other when the runtime answers', async () => {
    const { done } = make()
    await isHeld()
    made('s1')
    expect(await done).toBe('done')
    expect(asked).toEqual(['RunPodSandbox'])
  })
})
