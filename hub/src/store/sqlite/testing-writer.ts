import { createStore } from '../mvcc.ts'
import { groupCommit } from '../disk/group-commit.ts'
import { sqliteDisk } from './sqlite-disk.ts'

/** A process for the test to kill: writes for ever with several writers, and prints each key once its write was acknowledged. */
const [, , path = '', worker = ''] = process.argv
const store = await createStore({ log: groupCommit({ disk: sqliteDisk({ path, worker: new URL(worker) }) }) })
const write = async (writer: number) => {
  for (let i = 0; ; i++) {
    const key = `/core/pods/${writer}/${i}`
    await store.create(key, 'x'.repeat(500))
    process.stdout.write(`${key}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
