import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './api-load.ts'

export type BareHttps = { readonly pid: number; readonly target: Target; end(): void }

/** A process that only has node:https and one answer, of these bytes: the floor of whatever the hub answers. */
export async function bareHttps(target: Target, bytes: number): Promise<BareHttps> {
  const dir = mkdtempSync('/tmp/bramble-floor-')
  const script = join(dir, 'server.mjs')
  writeFileSync(
    script,
    `import { createServer } from 'node:https'
process.once('message', ({ key, cert, ca, bytes }) => {
  const answer = bytes > 16384 ? Buffer.alloc(bytes, 'x') : 'x'.repeat(bytes)
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false }, (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer))
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
})`,
  )
  const child = fork(script)
  // The administrator's own certificate serves here: only the work of TLS counts, so nobody checks the name.
  const port = await new Promise<number>((resolve) => {
    child.once('message', (message) => resolve(message as number))
    child.send({ key: target.key.toString(), cert: target.cert.toString(), ca: target.ca.toString(), bytes })
  })
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  return {
    pid: child.pid ?? 0,
    target: { ...target, port },
    end() {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      child.kill()
      rmSync(dir, { recursive: true })
    },
  }
}
