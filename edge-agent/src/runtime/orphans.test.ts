import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { mountsUnder } from '../host/mounts.ts'
import { createContainerd } from './containerd.ts'
import { containerIds } from './images.ts'
import { endAllContainers, endOrphanedShims, removeOrphanedNetworks } from './orphans.ts'

const available = process.getuid?.() === 0 && existsSync('/usr/bin/containerd')
const dir = mkdtempSync(join(tmpdir(), 'bramble-orphans-'))
const containerd = createContainerd({ dir, runDir: join(dir, 'run'), cniBinDir: '/usr/lib/cni', log: silentLog })
const paths = { socket: containerd.socket, state: join(dir, 'run/state') }
const run = promisify(execFile)

describe.skipIf(!available)(`remains of unfinished sandboxes${available ? '' : ' (skipped: needs root and containerd)'}`, () => {
  afterAll(async () => {
    await containerd.stop()
    rmSync(dir, { recursive: true })
  })

  it('a shim whose container nobody noted ends, another stays', async () => {
    await containerd.ensure(new AbortController().signal)
    const [orphan, noted] = [startShim('orphan'), startShim('noted')]
    expect(await containerIds(paths.socket)).toEqual(new Set())
    await expect.poll(() => readFileSync(`/proc/${noted.pid}/cmdline`, 'utf8')).toContain(paths.socket)
    expect(await endOrphanedShims(paths, async () => new Set(['noted']))).toEqual(['orphan'])
    await expect.poll(() => orphan.signalCode).toBe('SIGKILL')
    expect(noted.signalCode).toBe(null)
    endAllContainers(paths)
    await expect.poll(() => noted.signalCode).toBe('SIGKILL')
  })

  it('a network namespace that stays without a process is removed, one with a process is kept', async () => {
    const folder = join(paths.state, 'io.containerd.grpc.v1.cri/netns')
    mkdirSync(folder, { recursive: true })
    for (const name of ['empty', 'used']) {
      writeFileSync(join(folder, name), '')
      await run('unshare', [`--net=${join(folder, name)}`, 'true'])
    }
    const lodger = spawn('nsenter', [`--net=${join(folder, 'used')}`, 'sleep', '60'])
    try {
      await expect.poll(() => networkOf(lodger.pid)).not.toBe(networkOf(process.pid))
      const unused = new Map<string, number>()
      expect(await removeOrphanedNetworks(paths, { unused, now: 1000, unusedBefore: 0 })).toEqual([])
      expect(await removeOrphanedNetworks(paths, { unused, now: 2000, unusedBefore: 1000 })).toEqual([])
      expect(await removeOrphanedNetworks(paths, { unused, now: 2001, unusedBefore: 1001 })).toEqual(['empty'])
      expect(mountsUnder([folder])).toEqual([join(folder, 'used')])
    } finally {
      lodger.kill()
    }
  })
})

/** A process with a shim's command line. */
function startShim(id: string): ChildProcess {
  mkdirSync(join(paths.state, 'io.containerd.runtime.v2.task/k8s.io', id), { recursive: true })
  const args = ['-c', 'sleep 60; true', '-namespace', 'k8s.io', '-id', id, '-address', paths.socket]
  return spawn('/bin/sh', args, { argv0: '/usr/bin/containerd-shim-runc-v2', stdio: 'ignore' })
}

const networkOf = (pid = 0) => readlinkSync(`/proc/${pid}/ns/net`)
