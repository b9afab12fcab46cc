import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { createCriEvents, type CriEvent } from './events.ts'
import { enums, messages } from './messages.ts'
import { grpcServer, type ServerCall } from './testing/grpc-server.ts'

const codec = createCodec({ messages, enums })
const envelope = (topic: string, type: 'TaskExit' | 'TaskOOM', value: object) =>
  codec.encode('Envelope', {
    namespace: 'k8s.io',
    topic,
    event: { typeUrl: `containerd.events.${type}`, value: codec.encode(type, value) },
  })

describe('what the runtime tells', () => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of open.splice(0)) await close()
  })
  /** Runs against such a server until `count` events have come. */
  const collect = async (count: number, handle: (call: ServerCall, dropAll: () => void) => void) => {
    const server = await grpcServer((_path, call) => handle(call, server.dropAll))
    const { service, listen } = createCriEvents({ socketPath: server.socketPath, log: silentLog })
    const abort = new AbortController()
    const events: CriEvent[] = []
    const enough = new Promise<void>((resolve) => {
      listen((event) => {
        events.push(event)
        if (events.length === count) resolve()
      })
    })
    const done = service.run(abort.signal)
    open.push(async () => {
      abort.abort()
      await done
      await server.close()
    })
    await enough
    return events.slice(0, count)
  }

  it('is the end of a container, and not of a command run in one', async () => {
    const filters: unknown[] = []
    const events = await collect(3, (call) => {
      filters.push(...(codec.decode('SubscribeRequest', call.message)['filters'] as unknown[]))
      call.send(envelope('/tasks/exit', 'TaskExit', { containerId: 'c1', id: 'probe-1' }))
      call.send(envelope('/tasks/exit', 'TaskExit', { containerId: 'c1', id: 'c1', exitStatus: 1 }))
      call.send(envelope('/tasks/oom', 'TaskOOM', { containerId: 'c2' }))
    })
    expect(events).toEqual([{ type: 'relist' }, { type: 'exit', containerId: 'c1' }, { type: 'oom', containerId: 'c2' }])
    expect(filters).toEqual(['namespace==k8s.io,topic=="/tasks/exit"', 'namespace==k8s.io,topic=="/tasks/oom"'])
  })

  it('is asked for again after an interruption, with a relist for what was missed', async () => {
    let calls = 0
    const events = await collect(3, (call, dropAll) => {
      calls++
      if (calls === 1) return dropAll()
      call.send(envelope('/tasks/oom', 'TaskOOM', { containerId: 'c2' }))
    })
    expect(events.map(({ type }) => type)).toEqual(['relist', 'relist', 'oom'])
  })

  it('is replaced by a quick relist where the runtime has no events', async () => {
    const events = await collect(3, (call) => call.end(12, 'unknown service'))
    expect(events).toEqual([{ type: 'relist' }, { type: 'relist' }, { type: 'relist' }])
  })
})
