import { createStore } from '../mvcc.ts'
import { sqliteLog } from './sqlite-log.ts'

/** A process for the test to kill: writes for ever with several writers, and prints each key once its write was acknowledged. */
const [, , path = '', worker = ''] = process.argv
const store = await createStore({ log: sqliteLog({ path, worker: new URL(worker) }) })
const write = async (writer: number) => {
  for (let i = 0; ; i++) {
    const key = `/core/pods/${writer}/${i}`
    await store.create(key, 'x'.repeat(500), { durability: 'disk' })
    process.stdout.write(`${key}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
