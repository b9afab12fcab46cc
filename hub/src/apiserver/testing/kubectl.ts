import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { type ClientRun, runClient } from '../../../../test/harness/clients.ts'
import type { Tokens } from '../authn/tokens/tokens.ts'
import { createHttpServer } from '../http/server.ts'
import { createTestApi } from './api.ts'
import { createPki } from './pki.ts'

export type Kubectl = AsyncDisposable & {
  readonly kubectl: (args: readonly string[], stdin?: string) => Promise<ClientRun>
  /** Where it finds its server, and that of whoever has no certificate: user `nobody`. */
  readonly kubeconfig: string
}

/** For tests: a real kubectl with the rights of an administrator, before an apiserver over HTTPS. */
export async function startKubectl(api?: { readonly handle: Handler; readonly server?: { readonly tokens: Tokens } }): Promise<Kubectl> {
  const stop = new AbortController()
  const dir = await mkdtemp(join(tmpdir(), 'bramble-kubectl-'))
  const pki = await createPki()
  const { handle, server: served } = api ?? (await createTestApi())
  const tls = { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca }
  const server = createHttpServer({
    ...{ handle, tls, address: '127.0.0.1', port: 0, log: silentLog },
    ...(served !== undefined && { tokens: served.tokens }),
  })
  const running = server.run(stop.signal)
  const user = await pki.leaf('bramble:admin', ['system:masters'], 'client')
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const cluster = { server: `https://127.0.0.1:${await server.listening}`, 'certificate-authority-data': base64(pki.ca) }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [
      { name: 'u', user: { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) } },
      { name: 'nobody', user: {} },
    ],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  }
  await writeFile(join(dir, 'kubeconfig'), JSON.stringify(config))
  return {
    kubeconfig: join(dir, 'kubeconfig'),
    kubectl: (args, stdin = '') =>
      runClient('kubectl-1.35', ['--kubeconfig', join(dir, 'kubeconfig'), '--cache-dir', join(dir, 'cache'), ...args], { stdin }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await rm(dir, { recursive: true, force: true })
    },
  }
}
