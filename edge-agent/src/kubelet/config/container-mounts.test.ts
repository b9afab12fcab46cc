import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EnvEntry } from './container-config.ts'
import { containerMounts } from './container-mounts.ts'
import type { StepContext } from '../parts.ts'
import { podPaths } from '../paths.ts'
import { memory, samplePod, sandbox, seenPod } from '../testing/samples.ts'

describe('the mounts of a container', () => {
  let dir: string
  let before: number
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'container-mounts-'))
    before = process.umask(0o077)
  })
  afterEach(() => {
    process.umask(before)
    rmSync(dir, { recursive: true })
  })

  const mountsOf = (volumes: readonly object[], volumeMounts: readonly object[], env: readonly EnvEntry[] = []) => {
    const pod = samplePod({ volumes, containers: [{ name: 'main', image: 'busybox:1', volumeMounts }] })
    const context = {
      memory: () => memory({ volumes: { tag: 'mounted', paths: new Map(volumes.map((_, index) => [`v${index}`, `/v/${index}`])) } }),
      paths: podPaths(dir),
      nodeName: 'node-1',
      hostIP: () => '192.0.2.1',
      allocatable: () => ({}),
      clusterDomain: 'cluster.local',
      seen: seenPod([sandbox()]),
      pod,
    } as unknown as StepContext // what mounts need of it
    return containerMounts(pod, pod.spec.containers[0]!, { restartCount: 0, env, context })
  }

  it('are read-only for ConfigMap, Secret, projected and downwardAPI volumes, whatever the mount says; others as it says', async () => {
    const volumes = [
      { name: 'v0', configMap: { name: 'a' } },
      { name: 'v1', secret: { secretName: 'a' } },
      { name: 'v2', projected: { sources: [] } },
      { name: 'v3', downwardAPI: { items: [] } },
      { name: 'v4', emptyDir: {} },
      { name: 'v5', hostPath: { path: '/v/5' } },
    ]
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/in/${name}`, readOnly: false }))
    const mounts = await mountsOf(volumes, volumeMounts)
    const isReadonly = Object.fromEntries(mounts.map(({ containerPath, readonly }) => [containerPath, readonly]))
    expect(isReadonly).toMatchObject({ '/in/v0': true, '/in/v1': true, '/in/v2': true, '/in/v3': true, '/in/v4': false, '/in/v5': false })
  })

  it.each([
    ['$(TENANT)', 'TENANT'],
    ['a/$(EMPTY)/$(TENANT)$$(NOT)', 'EMPTY, TENANT'],
  ])('are refused where %s would be another folder, as %s has no value', async (subPathExpr, missing) => {
    const mount = { name: 'v0', mountPath: '/in', subPathExpr }
    await expect(mountsOf([{ name: 'v0', emptyDir: {} }], [mount], [{ name: 'EMPTY', value: '' }])).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message: `failed to expand subPathExpr of volumeMount "v0": missing value for ${missing}`,
    })
  })

  it('has a termination log that any user may write and a hosts file that any user may read, whatever the umask is', async () => {
    const mounts = await mountsOf([], [])
    const fileAt = (path: string) => mounts.find(({ containerPath }) => containerPath === path)?.hostPath ?? ''
    expect(lstatSync(fileAt('/dev/termination-log')).mode & 0o777).toBe(0o666)
    expect(lstatSync(fileAt('/etc/hosts')).mode & 0o777).toBe(0o644)
  })

  it('are written to no file that a link in the place of the termination log leads to', async () => {
    const file = podPaths(dir).terminationLog('u1', 'main', 0)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(join(dir, 'host-file'), 'of the host')
    symlinkSync(join(dir, 'host-file'), file)
    await expect(mountsOf([], [])).rejects.toThrow(/ELOOP/)
    expect(readFileSync(join(dir, 'host-file'), 'utf8')).toBe('of the host')
  })
})
