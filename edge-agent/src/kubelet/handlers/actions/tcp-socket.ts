import { connect } from 'node:net'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { longestTimerMs } from '@bramble/shared/async/sleep.ts'
import { findHost } from '../find-host.ts'
import { handler, type HandlerTarget, type Verdict } from '../handler.ts'
import { portNumber } from '../port-number.ts'
import { reasonOf } from '../reason-of.ts'

export const tcpSocket = handler('tcpSocket', async ({ host, port }, target) => {
  const number = portNumber(port, target.container)
  if (number === undefined) return { outcome: 'error', message: `port ${port} is not a port of the container` }
  return dial(host || target.podIP, number, target)
})

async function dial(host: string, port: number, target: HandlerTarget): Promise<Verdict> {
  using deadline = createDeadline(target.timeoutMs, target.signal)
  try {
    return await connectTo(await findHost(host, target, deadline.signal), port, target)
  } catch (error) {
    target.signal.throwIfAborted()
    return { outcome: 'failure', message: `dial tcp ${host}:${port}: ${deadline.hasPassed ? 'i/o timeout' : reasonOf(error)}` }
  }
}

function connectTo(host: string, port: number, { timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const finish = (verdict: Verdict) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(verdict)
    }
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.setTimeout(Math.min(timeoutMs, longestTimerMs), () =>
      finish({ outcome: 'failure', message: `dial tcp ${host}:${port}: i/o timeout` }),
    )
    socket.once('connect', () => finish({ outcome: 'success', message: '' }))
    socket.once('error', (error) => finish({ outcome: 'failure', message: `dial tcp ${host}:${port}: ${reasonOf(error)}` }))
  })
}
