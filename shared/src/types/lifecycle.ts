import type * as z from 'zod'
import { execAction, httpGetAction, tcpSocketAction } from './probe.ts'
import { f, message, opt } from './field.ts'
import { int64, text } from './scalars.ts'

export const sleepAction = message('SleepAction', {
  seconds: f(1, int64),
})
export type SleepAction = z.infer<typeof sleepAction>

export const lifecycleHandler = message('LifecycleHandler', {
  exec: opt(1, execAction),
  httpGet: opt(2, httpGetAction),
  tcpSocket: opt(3, tcpSocketAction),
  sleep: opt(4, sleepAction),
})
export type LifecycleHandler = z.infer<typeof lifecycleHandler>

export const lifecycle = message('Lifecycle', {
  postStart: opt(1, lifecycleHandler, { description: 'Runs right after the start; a failure ends the container.' }),
  preStop: opt(2, lifecycleHandler, { description: 'Runs before the container is asked to stop; the grace goes on meanwhile.' }),
  stopSignal: opt(3, text, { ptr: true }),
})
export type Lifecycle = z.infer<typeof lifecycle>
