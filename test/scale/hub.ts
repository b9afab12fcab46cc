import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { openSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiOf, type Target } from '../bench/api-load.ts'
import { freePort } from '../harness/cluster.ts'

const root = new URL('../../', import.meta.url).pathname // seen from dist/test

const bin = join(root, 'hub/bin')

/** What `hub/bin/bramble` starts a hub with, read from it, so that a profile is of what a user has. */
function memorySettings(): { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const [, env, flags] =
    /^ {2}hub\)$.*?^ *export (.*?)$.*?exec node (.*?) "\$dist\/hub\.mjs"/ms.exec(readFileSync(join(bin, 'bramble'), 'utf8')) ?? []
  if (env === undefined || flags === undefined) throw new Error('hub/bin/bramble does not say how it starts a hub')
  const heap = execFileSync('sh', [join(bin, 'heap-mib')], { encoding: 'utf8' }).trim()
  return {
    flags: flags.replace('"$heap"', heap).split(' '),
    env: Object.fromEntries(env.split(' ').map((setting) => setting.split('=') as [string, string])), // each is one
  }
}

export type ScaleHub = {
  readonly pid: number
  /** Ends the hub as a service manager does and starts it again; answers the milliseconds from its start to the first `ok` of /readyz. */
  readonly restart: () => Promise<number>
  readonly admin: Target
  readonly hubUrl: string
  readonly ca: { readonly certPem: string; readonly keyPem: string }
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** A hub as a user starts it, in a process of its own, with room for thousands of nodes; `nodeArgs` are for Node itself (a profile). */
export async function startHub(nodeArgs: readonly string[] = []): Promise<ScaleHub> {
  const home = mkdtempSync(join(tmpdir(), 'bramble-scale-'))
  const [httpsPort, mqttPort] = [await freePort(), await freePort()]
  const kubeconfig = join(home, 'kubeconfig')
  const args = [
    ...['--dir', join(home, 'hub'), '--kubeconfig', kubeconfig],
    ...['--https-address', '127.0.0.1', '--https-port', String(httpsPort)],
    ...['--mqtt-address', '127.0.0.1', '--mqtt-port', String(mqttPort)],
    ...['--cluster-cidr', '10.64.0.0/11', '--log-level', 'warn'],
  ]
  const log = openSync(join(home, 'hub.log'), 'w')
  const start = () => {
    const stdio = ['ignore', log, log] as const
    if (nodeArgs.length === 0) return spawn(join(bin, 'bramble'), ['hub', ...args], { stdio: [...stdio] })
    const { flags, env } = memorySettings()
    const command = [...nodeArgs, ...flags, join(root, 'dist/hub.mjs'), ...args]
    return spawn(process.execPath, command, { stdio: [...stdio], env: { ...process.env, ...env } })
  }
  let hub = start()
  const end = async () => {
    if (hub.exitCode !== null || hub.signalCode !== null) return
    hub.kill()
    await once(hub, 'exit')
  }
  const stop = async () => {
    await end()
    process.stdout.write(shortened(readFileSync(join(home, 'hub.log'), 'utf8')))
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const admin = await untilUp(hub, () => apiOf({ layout: { kubeconfig }, httpsPort }))
    const pki = (file: string) => readFileSync(join(home, 'hub/pki', file), 'utf8')
    return {
      get pid() {
        return hub.pid ?? 0
      },
      async restart() {
        await end()
        const at = performance.now()
        hub = start()
        await untilUp(hub, () => admin, 5)
        return performance.now() - at
      },
      admin,
      hubUrl: `mqtts://127.0.0.1:${mqttPort}`,
      ca: { certPem: pki('ca.crt'), keyPem: pki('ca.key') },
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function untilUp(hub: ChildProcess, target: () => Target, everyMs = 100): Promise<Target> {
  for (;;) {
    if (hub.exitCode !== null) throw new Error(`the hub exited with ${hub.exitCode}`)
    try {
      const admin = target()
      const { ask, agentOf } = await import('../attacks/watcher.ts')
      const agent = agentOf(admin)
      const { status } = await ask(agent, admin.port, { method: 'GET', path: '/readyz' }).finally(() => agent.destroy())
      if (status === 200) return admin
    } catch {
      // It is still starting.
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** What a hub warned of, each message once and with how often. */
function shortened(log: string): string {
  const counts = new Map<string, number>()
  for (const line of log.split('\n')) {
    let text = line
    try {
      text = (JSON.parse(line) as { message?: string }).message ?? line
    } catch {
      // No line of the log.
    }
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, count]) => `  the hub said ${count} times: ${text}\n`).join('')
}
