import { afterEach } from 'vitest'
import { keepLogs } from './cluster-logs.ts'

// What the processes of a cluster have said is gone with it: of a test that fails it is kept, and the last of it shown.
afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return
  const said = keepLogs(`${task.file.name.split('/').at(-1)}-${task.name}`)
  if (said !== '') console.error(said)
})
