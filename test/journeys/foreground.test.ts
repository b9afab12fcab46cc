import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDaemon } from '@bramble/edge-agent/host/daemon.ts'
import { layoutOf } from '@bramble/hub/cli/cluster/layout.ts'
import { command, eventually, freePort } from '../harness/cluster.ts'

const root = new URL('../../', import.meta.url).pathname
const bramble = join(root, 'hub/bin/bramble')

/** A cluster in the foreground of a terminal, a service manager or a script; `args` get the home and the ports. */
async function foreground(start: (args: readonly string[]) => readonly string[]) {
  const home = mkdtempSync(join(tmpdir(), 'bramble-home-'))
  const layout = layoutOf(home)
  const [file = '', ...args] = start(['--home', home, '--https-port', String(await freePort()), '--mqtt-port', String(await freePort())])
  // A group of its own, as in a terminal: its signals reach every process of it.
  const child = spawn(file, args, { cwd: root, detached: true })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return {
    layout,
    child,
    says: (words: string) =>
      eventually(
        `"${words}"`,
        async () => {
          if (text.includes(words)) return true
          throw new Error(text)
        },
        120_000,
      ),
    text: () => text,
    hub: { pidFile: join(layout.run, 'hub.pid'), logFile: '', command: '', args: [] },
    /** Everything is gone that its end should take away. */
    async leavesNothing() {
      await eventually('an empty run folder', async () => !existsSync(layout.run))
      expect((await command('nft', ['list', 'tables'])).stdout).not.toContain(layout.instance)
      await eventually('no process', async () => (await command('pgrep', ['-af', home])).stdout === '')
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await command(bramble, ['down', '--home', home], { timeoutMs: 120_000 })
      rmSync(home, { recursive: true, force: true })
    },
  }
}

describe('a cluster in the foreground', () => {
  it('npm start brings it up, keeps it up, and takes it away with Ctrl-C', async () => {
    await using terminal = await foreground((args) => ['npm', 'start', '--', ...args])
    await terminal.says('The cluster is up: 1 node')
    expect(terminal.text()).toContain(`export KUBECONFIG=${terminal.layout.kubeconfig}`)
    process.kill(findDaemon(terminal.hub) ?? 0, 'SIGKILL')
    await terminal.says('hub ended')
    await eventually('a new hub', async () => findDaemon(terminal.hub))
    process.kill(-(terminal.child.pid ?? 0), 'SIGINT')
    await terminal.says('stopping the hub')
    await terminal.leavesNothing()
  })

  it('SIGTERM to the whole group of npm start reaches it more than once, and takes everything away', async () => {
    await using service = await foreground((args) => ['npm', 'start', '--', ...args])
    await service.says('The cluster is up: 1 node')
    process.kill(-(service.child.pid ?? 0), 'SIGTERM')
    await service.says('stopping node')
    process.kill(-(service.child.pid ?? 0), 'SIGTERM')
    await service.leavesNothing()
  })

  it('timeout ends it by a signal to it and one to its group, and nothing stays', async () => {
    await using script = await foreground((args) => ['timeout', '--preserve-status', '20', bramble, 'up', ...args])
    const exited = once(script.child, 'exit')
    expect(await exited).toEqual([0, null])
    expect(script.text()).toContain('stopping the hub')
    await script.leavesNothing()
  })

  it('a terminal that is closed takes it away', async () => {
    await using terminal = await foreground((args) => ['script', '-qec', [bramble, 'up', ...args].join(' '), '/dev/null'])
    await terminal.says('The cluster is up: 1 node')
    terminal.child.kill('SIGKILL')
    await terminal.leavesNothing()
  })
})
