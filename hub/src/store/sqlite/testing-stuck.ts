import { signsOfLife } from '@bramble/shared/process/watchdog.ts'
import { createStore } from '../mvcc.ts'
import { groupCommit } from '../disk/group-commit.ts'
import { sqliteDisk } from './sqlite-disk.ts'

/** A process that opens its store and never lets its loop go round again: for the test to see who ends it. */
const [, , path = '', worker = ''] = process.argv
await createStore({ log: groupCommit({ disk: sqliteDisk({ path, worker: new URL(worker), watched: signsOfLife(40) }) }) })
async function feedsItself(): Promise<never> {
  for (;;) await Promise.resolve()
}
await feedsItself()
