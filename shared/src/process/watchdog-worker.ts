import { workerData } from 'node:worker_threads'
import type { SignsOfLife } from './watchdog.ts'
import { watchOver } from './watch-over.ts'

watchOver(workerData as SignsOfLife) // given by startWatchdog alone
// Nothing else is done here.
setInterval(() => {}, 2 ** 31 - 1)
