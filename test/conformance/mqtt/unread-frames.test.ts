import { expect, test } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createBroker } from '../../../hub/src/broker/broker.ts'
import { brokerInThisThread } from '../../../hub/src/broker/thread/in-this-thread.ts'
import { createTestCa } from './certificates.ts'
import { until } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'

const frame = Buffer.alloc(16 * 1024, 'x')

test('what a node says waits at the node for as long as the hub has not dealt with what it has, and is read to its end then', async () => {
  const ca = createTestCa()
  const tls = { ...ca.issue('/CN=bramble-hub', { hosts: 'IP:127.0.0.1,DNS:localhost' }), ca: ca.caPem }
  const broker = createBroker({ host: '127.0.0.1', port: 0, tls, start: brokerInThisThread, log: silentLog })
  const came = new Map<string, { readonly connection: number; bytes: number }>()
  const names = new Map<number, string>()
  broker.onEvent((event) => {
    if (event.type === 'connecting') {
      names.set(event.connection, event.node)
      came.set(event.node, { connection: event.connection, bytes: 0 })
      broker.order({ type: 'admit', connection: event.connection })
    }
    if (event.type !== 'frame') return
    const of = came.get(names.get(event.connection) ?? '')
    if (of !== undefined) of.bytes += event.payload.length
  })
  const bytesOf = (node: string) => came.get(node)?.bytes ?? 0
  const over = new AbortController()
  const running = broker.service.run(over.signal)
  try {
    const hub = { ca, port: await broker.listening() }
    const evil = await rawNode(hub, 'evil')
    const honest = await rawNode(hub, 'honest')
    const all = 1000 * frame.length
    for (let index = 0; index < 1000; index++) evil.sendRaw(frame)
    // Each round goes through the same loop as what the other sends: whatever would be read is read by then.
    for (let round = 1; round <= 300; round++) {
      honest.sendRaw('x')
      await until(() => bytesOf('honest') >= round, 'an honest frame came')
    }
    // A MiB, and what came in the same read as the last of it.
    expect(bytesOf('evil')).toBeLessThan(1024 * 1024 + 256 * 1024)
    const { connection } = came.get('evil') ?? { connection: 0 }
    for (let dealtWith = 0; dealtWith < all;) {
      const bytes = bytesOf('evil') - dealtWith
      broker.order({ type: 'read', connection, bytes, asked: 0 })
      dealtWith += bytes
      if (dealtWith < all) await until(() => bytesOf('evil') > dealtWith, 'it is read on')
    }
    expect(bytesOf('evil')).toBe(all)
    evil.end()
    honest.end()
  } finally {
    over.abort()
    await running
  }
})
