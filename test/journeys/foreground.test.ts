import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDaemon } from '@bramble/edge-agent/host/daemon.ts'
import { layoutOf } from '@bramble/hub/cli/cluster/layout.ts'
import { command, eventually, freePort } from '../harness/cluster.ts'

const root = new URL('../../', import.meta.url).pathname

describe('npm start', () => {
  it('brings a cluster up, keeps it up, and takes it away with Ctrl-C', async () => {
    const home = mkdtempSync(join(tmpdir(), 'bramble-home-'))
    const layout = layoutOf(home)
    const ports = ['--https-port', String(await freePort()), '--mqtt-port', String(await freePort())]
    // A group of its own, as in a terminal: Ctrl-C reaches every process of it.
    const terminal = spawn('npm', ['start', '--', '--home', home, ...ports], { cwd: root, detached: true })
    try {
      let text = ''
      for (const stream of [terminal.stdout, terminal.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      const exited = new Promise<number | null>((resolve) => terminal.on('exit', resolve))
      const says = (words: string) => eventually(`"${words}"`, async () => text.includes(words), 120_000)
      await says('The cluster is up: 1 node')
      expect(text).toContain(`export KUBECONFIG=${layout.kubeconfig}`)

      const hub = { pidFile: join(layout.run, 'hub.pid'), logFile: '', command: '', args: [] }
      process.kill(findDaemon(hub) ?? 0, 'SIGKILL')
      await says('hub ended')
      await eventually('a new hub', async () => findDaemon(hub))

      process.kill(-(terminal.pid ?? 0), 'SIGINT')
      await exited // npm itself ends by the signal once its child has ended well
      expect(text).toContain('stopping the hub')
      expect((await command('nft', ['list', 'tables'])).stdout).not.toContain(layout.instance)
      expect((await command('pgrep', ['-af', home])).stdout).toBe('')
      expect(existsSync(layout.run)).toBe(false)
    } finally {
      terminal.kill('SIGKILL')
      await command(join(root, 'hub/bin/bramble'), ['down', '--home', home])
      rmSync(home, { recursive: true, force: true })
    }
  })
})
