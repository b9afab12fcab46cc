import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { kubectlBinary } from '../../harness/clients.ts'
import { freePort, type TestCluster } from '../../harness/cluster.ts'

/** Bytes on their way through something, in one direction: resolves with how many there were when the last has come. */
export type Flow = () => Promise<number>

export const megabyte = 1024 * 1024
const chunk = Buffer.alloc(64 * 1024, 'bramble')

/** Reads to the end; with a pace no faster than so many bytes a second. */
export async function drain(from: AsyncIterable<Uint8Array>, bytesPerSecond = Infinity): Promise<number> {
  const start = performance.now()
  let bytes = 0
  for await (const piece of from) {
    bytes += piece.length
    const aheadMs = (bytes / bytesPerSecond) * 1000 - (performance.now() - start)
    if (aheadMs > 5) await sleep(aheadMs)
  }
  return bytes
}

export async function fill(to: Pick<Writable, 'write' | 'once' | 'end'>, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= chunk.length)
    if (!to.write(left < chunk.length ? chunk.subarray(0, left) : chunk)) await once(to as Writable, 'drain')
  to.end()
}

export async function fromPort(port: number, bytesPerSecond?: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    return await drain(socket as AsyncIterable<Uint8Array>, bytesPerSecond) // it has no encoding
  } finally {
    socket.destroy()
  }
}

export async function toPort(port: number, bytes: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await Promise.all([fill(socket, bytes), drain(socket as AsyncIterable<Uint8Array>)])
  socket.destroy()
  return bytes
}

/** A kubectl that forwards ports of a pod, once it listens: where, by the port of the pod. */
export async function forwarded({ layout }: TestCluster, pod: string, ports: readonly number[]) {
  const own = new Map<number, number>()
  for (const port of ports) own.set(port, await freePort())
  const words = ['port-forward', '--address', '127.0.0.1', `pod/${pod}`, ...ports.map((port) => `${own.get(port)}:${port}`)]
  const child = spawn(kubectlBinary(), words, {
    env: { ...process.env, KUBECONFIG: layout.kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for (let said = ''; (said.match(/^Forwarding from /gm)?.length ?? 0) < ports.length;)
    said += String((await once(child.stdout, 'data'))[0])
  child.stdout.resume()
  return { at: (port: number) => own.get(port) ?? 0, [Symbol.asyncDispose]: () => ended(child) }
}

async function ended(child: ChildProcess): Promise<void> {
  const over = once(child, 'close')
  child.kill()
  await over
}

/** A command in the pod by kubectl, whose output is read or whose input is filled. */
export async function execFlow({ layout }: TestCluster, command: readonly string[], inputBytes?: number): Promise<number> {
  const words = ['exec', ...(inputBytes === undefined ? [] : ['-i']), ...command]
  const child = spawn(kubectlBinary(), words, {
    env: { ...process.env, KUBECONFIG: layout.kubeconfig },
    stdio: [inputBytes === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'],
  })
  const over = once(child, 'close')
  const { stdin, stdout } = child as { stdin: Writable | null; stdout: Readable } // as they were asked for
  const [read] = await Promise.all([drain(stdout as AsyncIterable<Uint8Array>), stdin === null ? undefined : fill(stdin, inputBytes ?? 0)])
  await over
  return inputBytes ?? read
}
