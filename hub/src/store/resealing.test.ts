import { randomBytes } from 'node:crypto'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import { until } from '../client/test-hub.ts'
import { groupCommit } from './disk/group-commit.ts'
import { sealedDisk, type SealKey } from './disk/sealed-disk.ts'
import { written } from './conformance/bed.ts'
import { createMemoryRows, memoryDisk } from './memory/memory-disk.ts'
import { createStore } from './mvcc.ts'
import { createResealing } from './resealing.ts'

const isSealed = (key: string) => key.startsWith('/core/secrets/')
const keyCalled = (id: string): SealKey => ({ id, key: randomBytes(32) })

async function start(rows: ReturnType<typeof createMemoryRows>, first: readonly [SealKey, ...SealKey[]]) {
  let keys = first
  const listeners: (() => void)[] = []
  const sealed = sealedDisk({ disk: memoryDisk(rows), isSealed, keys: () => keys })
  const store = await createStore({ log: groupCommit({ disk: sealed }) })
  const stop = new AbortController()
  const service = createResealing({ store, sealed, onChanged: (listener) => listeners.push(listener), log: silentLog })
  const running = service.run(stop.signal)
  return {
    ...{ sealed, store },
    changeKeys(next: readonly [SealKey, ...SealKey[]]) {
      keys = next
      for (const tell of listeners) tell()
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

it('a new key seals everything anew while the hub runs, and the older one can go once history has', async () => {
  const rows = createMemoryRows()
  const [old, current] = [keyCalled('old'), keyCalled('new')]
  {
    await using hub = await start(rows, [old])
    await written(hub.store.create('/core/secrets/a/s', '{"data":1}'))
    await written(hub.store.create('/core/secrets/a/t', '{"data":2}'))
    await written(hub.store.create('/core/configmaps/a/c', '{"plain":1}'))
    const plain = hub.store.get('/core/configmaps/a/c')
    hub.changeKeys([current, old])
    await until('the new key has sealed both', () => hub.sealed.sealedBy().get('new') === 2)
    expect(hub.store.get('/core/secrets/a/s')?.value).toBe('{"data":1}')
    expect(hub.store.get('/core/configmaps/a/c')).toEqual(plain)
    expect(hub.sealed.sealedBy().get('old')).toBe(2)
    await hub.store.compact(hub.store.mark())
    expect(hub.sealed.sealedBy()).toEqual(
      new Map([
        ['new', 2],
        ['old', 0],
      ]),
    )
  }
  await using again = await start(rows, [current])
  expect(again.store.get('/core/secrets/a/t')?.value).toBe('{"data":2}')
})

it('a hub that starts with a new key on top does it then, and writes nothing where there is nothing to do', async () => {
  const rows = createMemoryRows()
  const [old, current] = [keyCalled('old'), keyCalled('new')]
  {
    await using hub = await start(rows, [old])
    await written(hub.store.create('/core/secrets/a/s', '{"data":1}'))
  }
  {
    await using hub = await start(rows, [current, old])
    await until('it is sealed anew', () => hub.sealed.sealedBy().get('new') === 1)
  }
  // What each life of a log notes of itself stands beside them.
  const secretRows = () => [...rows.rows.values()].filter(({ key }) => isSealed(key)).length
  const before = secretRows()
  await using hub = await start(rows, [current, old])
  hub.changeKeys([current, old])
  expect(hub.store.get('/core/secrets/a/s')?.value).toBe('{"data":1}')
  expect(secretRows()).toBe(before)
})
