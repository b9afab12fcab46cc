import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findDaemon } from '@bramble/edge-agent/host/daemon.ts'
import { readCluster } from '@bramble/hub/cli/cluster/cluster-file.ts'
import { layoutOf } from '@bramble/hub/cli/cluster/layout.ts'
import { kubectlBinary } from './clients.ts'
import { tailsOf, watchLogs } from './cluster-logs.ts'
import { hubGauges, leftOpen } from './hub-gauges.ts'

const root = new URL('../../', import.meta.url).pathname
export const bramble = join(root, 'hub/bin/bramble')
export const images = join(root, 'dist/images')
export const examples = join(root, 'docs/examples')

export type Output = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a command to its end; never throws for an exit code. Who has a time of its own (`kubectl wait --timeout`) has less than this. */
export const command = (
  file: string,
  args: readonly string[],
  { input, env, timeoutMs = 150_000 }: { input?: string; env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<Output> =>
  new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
          stdout,
          stderr: error?.killed ? `${stderr}\n(killed after ${timeoutMs} ms)` : stderr,
        }),
    )
    child.stdin?.on('error', () => {}) // a command need not read what it is given
    child.stdin?.end(input ?? '')
  })

/** A whole cluster as a user starts it: the real CLI, hub and agents as processes, containerd, network namespaces. */
export type TestCluster = Awaited<ReturnType<typeof startTestCluster>>

/** `diskMi`: the home lies on a disk of its own, of that size. */
export async function startTestCluster({ nodes, diskMi }: { nodes: number; diskMi?: number }) {
  const home = mkdtempSync(join(tmpdir(), 'bramble-home-'))
  if (diskMi !== undefined) await command('mount', ['-t', 'tmpfs', '-o', `size=${diskMi}m`, 'tmpfs', home])
  const [httpsPort, mqttPort] = [await freePort(), await freePort()]
  const up = [
    'up',
    '--detach',
    '--home',
    home,
    '--nodes',
    String(nodes),
    '--https-port',
    String(httpsPort),
    '--mqtt-port',
    String(mqttPort),
  ]
  const layout = layoutOf(home)
  const env = { KUBECONFIG: layout.kubeconfig, KUBECACHEDIR: join(home, 'kube-cache') }

  const must = async (file: string, args: readonly string[], options?: Parameters<typeof command>[2]): Promise<string> => {
    const { code, stdout, stderr } = await command(file, args, options)
    if (code !== 0)
      throw new Error(`${[file.split('/').at(-1), ...args].join(' ')} exited with ${code}:\n${stderr}${stdout}\n${tailsOf(layout, 8)}`)
    return stdout
  }
  const cluster = () => {
    const known = readCluster(layout)
    if (known === undefined) throw new Error(`no cluster in ${home}`)
    return known
  }

  const forget = watchLogs(layout)
  await must(bramble, up, { timeoutMs: 240_000 })
  const atFirst = await hubGauges(layout.kubeconfig)
  /** Asked until all is closed, because a hub hears of a client's end a moment later; nothing of a hub that was stopped. */
  const whatStaysOpen = async (): Promise<readonly string[]> => {
    const giveUpAt = performance.now() + 60_000
    for (;;) {
      const now = await hubGauges(layout.kubeconfig)
      const left = now === undefined || atFirst === undefined ? [] : leftOpen(atFirst, now, cluster().nodes.length)
      if (left.length === 0 || performance.now() > giveUpAt) return left
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  const self = {
    home,
    layout,
    httpsPort,
    mqttPort,
    nodes: cluster().nodes,
    /** Address of the i-th node in its lab, or of this machine. */
    nodeAddress: (index: number) => (cluster().lab === undefined ? '127.0.0.1' : `${cluster().lab}.${index + 10}`),
    /** Runs kubectl as the cluster's administrator and answers its output; throws with both sides' words if it fails. */
    kubectl: (...args: string[]) => must(kubectlBinary(), args, { env }),
    /** The same for a command that may fail. */
    tryKubectl: (...args: string[]) => command(kubectlBinary(), args, { env }),
    apply: (manifest: string) => must(kubectlBinary(), ['apply', '-f', '-'], { env, input: manifest }),
    tryApply: (manifest: string) => command(kubectlBinary(), ['apply', '-f', '-'], { env, input: manifest }),
    json: async <T = Record<string, never>>(...args: string[]): Promise<T> =>
      JSON.parse(await must(kubectlBinary(), [...args, '-o', 'json'], { env })) as T,
    /** A kubectl that goes on, such as `logs -f`. */
    spawnKubectl: (...args: string[]): ChildProcess => spawn(kubectlBinary(), args, { env: { ...process.env, ...env } }),
    bramble: (...args: string[]) => must(bramble, args, { timeoutMs: 240_000 }),
    importImage: (file: string) => must(bramble, ['image', 'import', resolve(images, file), '--home', home], { timeoutMs: 120_000 }),
    /** Runs a command on a node: in its network namespace. */
    onNode: (index: number, ...args: [string, ...string[]]) =>
      cluster().lab === undefined
        ? command(args[0], args.slice(1))
        : command('nsenter', [`--net=/run/netns/${layout.node(cluster().nodes[index] ?? '').namespace}`, ...args]),
    pidOf: (name: 'hub' | string): number => {
      const pid = findDaemon({ pidFile: join(layout.run, `${name}.pid`), logFile: '', command: '', args: [] })
      if (pid === undefined) throw new Error(`${name} does not run`)
      return pid
    },
    /** Starts again what does not run, as a service manager would. */
    heal: () => must(bramble, up, { timeoutMs: 240_000 }),
    down: () => must(bramble, ['down', '--home', home], { timeoutMs: 240_000 }),
    logs: () => tailsOf(layout, 8),
    async [Symbol.asyncDispose]() {
      const left = await whatStaysOpen()
      const said = left.length > 0 ? tailsOf(layout, 25) : ''
      forget()
      await command(bramble, ['down', '--home', home], { timeoutMs: 240_000 })
      if (diskMi !== undefined) await command('umount', ['--lazy', home])
      rmSync(home, { recursive: true, force: true })
      if (left.length > 0) throw new Error(`the hub still held what the tests had long left: ${left.join(', ')}\n${said}`)
    },
  }
  return self
}

/** Calls until it neither throws nor answers undefined or false, and answers that; throws the last reason after the time. */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const end = performance.now() + timeoutMs
  let last: unknown = 'it never came true'
  for (;;) {
    try {
      const value = await attempt()
      if (value !== undefined && value !== false) return value
    } catch (error) {
      last = error
    }
    if (performance.now() > end)
      throw new Error(`${what}: not within ${timeoutMs} ms: ${last instanceof Error ? last.message : String(last)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
