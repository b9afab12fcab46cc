import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, type ClientRun, runClient } from './clients.ts'
import { bramble, eventually, freePort } from './cluster.ts'

export type TestHub = Awaited<ReturnType<typeof startTestHub>>

/** A hub as a user starts it, in a process of its own and with all of its loops, and no node. */
export async function startTestHub() {
  const home = mkdtempSync(join(tmpdir(), 'bramble-hub-'))
  const kubeconfig = join(home, 'kubeconfig')
  const [httpsPort, mqttPort] = [await freePort(), await freePort()]
  const args = [
    ...['--dir', join(home, 'hub'), '--kubeconfig', kubeconfig, '--log-level', 'warn'],
    ...['--https-address', '127.0.0.1', '--https-port', String(httpsPort)],
    ...['--mqtt-address', '127.0.0.1', '--mqtt-port', String(mqttPort)],
  ]
  const log = join(home, 'hub.log')
  let hub: ChildProcess | undefined

  /** A client of the hub's administrator; each has a cache of discovery of its own, as on different machines. */
  const run = (client: Client, words: readonly string[], { stdin, env }: { stdin?: string; env?: Record<string, string> } = {}) => {
    const own = { KUBECONFIG: kubeconfig, KUBECACHEDIR: join(home, 'cache', client), HELM_CACHE_HOME: join(home, 'helm'), ...env }
    return runClient(client, words, { env: own, timeoutMs: 60_000, ...(stdin !== undefined && { stdin }) })
  }
  const must = (answered: ClientRun): string => {
    if (answered.code !== 0) throw new Error(`${answered.err}${answered.out}\n${readFileSync(log, 'utf8').slice(-2_000)}`)
    return answered.out
  }
  const start = async () => {
    const started = spawn(bramble, ['hub', ...args], { stdio: ['ignore', openSync(log, 'a'), openSync(log, 'a')] })
    hub = started
    await eventually('the hub to be ready', async () => {
      if (started.exitCode !== null) throw new Error(`it exited with ${started.exitCode}:\n${readFileSync(log, 'utf8')}`)
      return (await run('kubectl-1.35', ['get', '--raw', '/readyz'])).out === 'ok'
    })
  }
  const stop = async (signal: NodeJS.Signals) => {
    if (hub === undefined || hub.exitCode !== null || hub.signalCode !== null) return
    const ended = once(hub, 'exit')
    hub.kill(signal)
    await ended
  }
  const self = {
    home,
    kubeconfig,
    hubUrl: `mqtts://127.0.0.1:${mqttPort}`,
    run,
    /** The newest kubectl; throws with its words if it fails. */
    kubectl: async (words: readonly string[], stdin?: string) =>
      must(await run('kubectl-1.35', words, { ...(stdin !== undefined && { stdin }) })),
    ca: () => {
      const pki = (file: string) => readFileSync(join(home, 'hub/pki', file), 'utf8')
      return { certPem: pki('ca.crt'), keyPem: pki('ca.key') }
    },
    /** As after a power cut. */
    async restart() {
      await stop('SIGKILL')
      await start()
    },
    async [Symbol.asyncDispose]() {
      await stop('SIGTERM')
      rmSync(home, { recursive: true, force: true })
    },
  }
  try {
    await start()
  } catch (error) {
    await self[Symbol.asyncDispose]()
    throw error
  }
  return self
}
