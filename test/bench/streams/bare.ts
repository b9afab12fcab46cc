import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { createCri } from '@bramble/edge-agent/cri/client.ts'
import { openStreaming } from '@bramble/edge-agent/cri/streaming.ts'
import type { Target } from '../api-load.ts'
import { drain, fill } from './flow.ts'

type Through = { readonly host: string; readonly port: number }

/** A process that gives on what a port says over TLS, and nothing else: what one door of Node costs. */
export async function bareTls(target: Target) {
  const dir = mkdtempSync('/tmp/bramble-floor-')
  const script = join(dir, 'door.mjs')
  writeFileSync(
    script,
    `import { createServer } from 'node:tls'
import { connect } from 'node:net'
process.once('message', ({ key, cert }) => {
  const server = createServer({ key, cert, allowHalfOpen: true }, (socket) => socket.once('data', (to) => {
    const { host, port } = JSON.parse(to.toString())
    const pod = connect({ host, port, allowHalfOpen: true })
    socket.pipe(pod).pipe(socket)
  }))
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.once('disconnect', () => process.exit())
})`,
  )
  const child = fork(script)
  const port = await new Promise<number>((resolve) => {
    child.once('message', (message) => resolve(message as number))
    child.send({ key: target.key.toString(), cert: target.cert.toString() })
  })
  // The administrator's own certificate serves here: only the work of TLS counts, so nobody checks the name.
  const open = (to: Through) => {
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false, allowHalfOpen: true } // the last is not in its types
    const socket = connect(options)
    socket.write(JSON.stringify(to))
    return socket
  }
  return {
    from: (to: Through) => drain(open(to) as AsyncIterable<Uint8Array>),
    async to(to: Through, bytes: number) {
      const socket = open(to)
      await new Promise((resolve) => setTimeout(resolve, 100)) // the word where to is a message of its own
      await Promise.all([fill(socket, bytes), drain(socket as AsyncIterable<Uint8Array>)])
      return bytes
    },
    end() {
      child.kill()
      rmSync(dir, { recursive: true })
    },
  }
}

/** Commands in a container, asked of the runtime itself. */
export function bareCri(socketFile: string) {
  const cri = createCri(socketFile)
  const signal = new AbortController().signal
  const idOf = async (name: string) =>
    (await cri.listContainers({ labels: {} }, { signal })).find(({ metadata }) => metadata?.name === name)?.id ?? ''
  return {
    idOf,
    /** Over the runtime's streaming server, to the end of the command. */
    async run(id: string, command: readonly string[], inputBytes?: number): Promise<number> {
      const url = await cri.exec(id, command, { stdin: inputBytes !== undefined, stdout: true, stderr: false, tty: false }, { signal })
      const connection = await openStreaming({ url, protocol: 'v4.channel.k8s.io', signal })
      void connection.run().catch(() => {})
      const error = connection.open({ streamtype: 'error' })
      const stdin = inputBytes === undefined ? undefined : connection.open({ streamtype: 'stdin' })
      const stdout = connection.open({ streamtype: 'stdout' })
      const said = drain(stdout).catch(() => 0)
      if (stdin !== undefined) {
        const piece = Buffer.alloc(64 * 1024)
        for (let left = inputBytes ?? 0; left > 0; left -= piece.length) await stdin.write(piece)
        stdin.end()
      }
      const [read] = await Promise.all([said, drain(error).catch(() => 0)])
      connection.destroy()
      return inputBytes ?? read
    },
    close: () => cri.close(),
  }
}
