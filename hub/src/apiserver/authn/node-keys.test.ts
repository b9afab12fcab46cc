import { createLog } from '@bramble/shared/log.ts'
import { expect, test } from 'vitest'
import { memoryLog } from '../../store/memory/memory-log.ts'
import { createStore } from '../../store/mvcc.ts'
import { createRegistry } from '../registry.ts'
import { createNodeKeys } from './node-keys.ts'

test.each(['{}', 'null', 'no JSON', '{"metadata":null}'])(
  'a stored Node that reads %s costs its own node the door, and nothing else',
  async (text) => {
    const store = await createStore({ log: memoryLog() })
    const lines: string[] = []
    const keys = createNodeKeys({ registry: createRegistry({ store }), log: createLog({ write: (line) => void lines.push(line) }) })
    await store.create('/core/nodes/pi-1', text, { durability: 'disk' })
    expect(keys.refusalOf('pi-1', 'key')).toContain('cannot be read')
    expect(keys.keyOf('pi-1')).toBeUndefined()
    expect(keys.refusalOf('pi-2', 'key')).toContain('was deleted')
    expect(lines).toHaveLength(1)
    keys.close()
    await store.close()
  },
)
