import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mountsUnder } from '../../host/mounts.ts'
import type { Objects } from '../env/env.ts'
import { podPaths } from '../paths.ts'
import { samplePod } from '../testing/samples.ts'
import type { PodTokens } from '../tokens/pod-tokens.ts'
import { createPodVolumes, type PodVolumes } from './pod-volumes.ts'

const node = { nodeName: 'pi-1', hostIP: '192.0.2.1', podIPs: [], allocatable: {} }

describe('the volumes of a pod', () => {
  let dir: string
  let volumes: PodVolumes
  let given: string | undefined
  const kepts: (string | undefined)[] = []
  const tokens: PodTokens = {
    async tokenFor(_pod, _asked, { kept }) {
      kepts.push(await kept())
      return given
    },
    due: () => [],
    forget: () => {},
  }
  const data: Record<string, Record<string, string>> = {}
  let binaryData: Record<string, Record<string, string>> = {}
  const objects = {
    configMap: (name: string) => data[name] && { data: data[name], binaryData: binaryData[name] },
    secret: () => undefined,
    has: (kind: string, name: string) => kind === 'configMap' && data[name] !== undefined,
    services: () => [],
  } as unknown as Objects
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kubelet-volumes-'))
    given = 'first'
    volumes = createPodVolumes(podPaths(dir), tokens)
    data['settings'] = { a: '1', b: '2' }
    binaryData = {}
  })
  afterEach(async () => {
    await volumes.unmount('u1')
    rmSync(dir, { recursive: true })
  })
  const mount = (volume: object, securityContext: object = {}) =>
    volumes.mount(samplePod({ securityContext, volumes: [{ name: 'v', ...volume }] }, { labels: { app: 'web' } }), {
      objects,
      node,
      signal: new AbortController().signal,
    })
  const pathOf = async (volume: object, securityContext?: object) => (await mount(volume, securityContext)).get('v') ?? ''
  const visible = (path: string) =>
    readdirSync(path)
      .filter((name) => !name.startsWith('..'))
      .sort()

  it('shows a ConfigMap as files that change all at once', async () => {
    const volume = { configMap: { name: 'settings' } }
    const path = await pathOf(volume)
    expect(visible(path)).toEqual(['a', 'b'])
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('1')
    const before = readlinkSync(join(path, '..data'))
    await mount(volume)
    expect(readlinkSync(join(path, '..data'))).toBe(before)
    data['settings'] = { b: '3', c: '4' }
    await mount(volume)
    expect(visible(path)).toEqual(['b', 'c'])
    expect(readFileSync(join(path, 'b'), 'utf8')).toBe('3')
    expect(readdirSync(path).filter((name) => name.startsWith('..2'))).toHaveLength(1)
  })

  it('shows every key as a file, whatever JavaScript would make of its name', async () => {
    data['settings'] = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t","1":"n"}') as Record<string, string>
    const path = await pathOf({ configMap: { name: 'settings' } })
    expect(visible(path)).toEqual(['1', '__proto__', 'constructor', 'toString'])
    expect(readFileSync(join(path, '__proto__'), 'utf8')).toBe('p')
    const picked = await pathOf({ projected: { sources: [{ configMap: { name: 'settings', items: [{ key: '__proto__', path: 'p' }] } }] } })
    expect(visible(picked)).toEqual(['p'])
    await expect(pathOf({ configMap: { name: 'settings', items: [{ key: 'valueOf', path: 'x' }] } })).rejects.toThrow(
      'non-existent config key: valueOf',
    )
  })

  it('shows bytes that are no text as they are', async () => {
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x80, 0x0a])
    binaryData['settings'] = { raw: bytes.toString('base64') }
    expect(readFileSync(join(await pathOf({ configMap: { name: 'settings' } }), 'raw'))).toEqual(bytes)
  })

  it('shows only the items asked for, at their paths and with their modes', async () => {
    const path = await pathOf({ configMap: { name: 'settings', items: [{ key: 'a', path: 'deep/name', mode: 0o400 }] } })
    expect(visible(path)).toEqual(['deep'])
    expect(statSync(join(path, 'deep/name')).mode & 0o777).toBe(0o400)
  })

  it('knows a path by what it means: dots and doubled slashes are none of it', async () => {
    const items = [
      { key: 'a', path: './x' },
      { key: 'b', path: 'deep//er/./y' },
    ]
    const path = await pathOf({ configMap: { name: 'settings', items } })
    expect(visible(path)).toEqual(['deep', 'x'])
    expect(readFileSync(join(path, 'deep/er/y'), 'utf8')).toBe('2')
    await expect(pathOf({ configMap: { name: 'settings', items: [{ key: 'a', path: './.' }] } })).rejects.toThrow('invalid path "./."')
  })

  it('says which entry needs a folder where another is a file, and nothing that changes from one try to the next', async () => {
    const items = [
      { key: 'a', path: 'x' },
      { key: 'b', path: 'x/y' },
    ]
    await expect(pathOf({ configMap: { name: 'settings', items } })).rejects.toThrow(
      'MountVolume.SetUp failed for volume "v" : x/y: another entry is a file where this one needs a folder',
    )
    const long = pathOf({ configMap: { name: 'settings', items: [{ key: 'a', path: 'n'.repeat(300) }] } })
    await expect(long).rejects.toThrow(/ENAMETOOLONG.*\/volumes\/v\//)
    await expect(long).rejects.not.toThrow(/\/proc\/self\/fd/)
  })

  it('gives the files to the group of the pod', async () => {
    const path = await pathOf({ configMap: { name: 'settings', defaultMode: 0o400 } }, { fsGroup: 1234 })
    expect(statSync(join(path, 'a'))).toMatchObject({ gid: 1234, mode: 0o100440 })
    await volumes.unmount('u1')
    const empty = await pathOf({ emptyDir: {} }, { fsGroup: 1234 })
    expect(statSync(empty)).toMatchObject({ gid: 1234, mode: 0o42777 })
  })

  it('joins sources in a projected volume', async () => {
    const sources = [
      { configMap: { name: 'settings', items: [{ key: 'a', path: 'config/a' }] } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ]
    const path = await pathOf({ projected: { sources } })
    expect(readFileSync(join(path, 'config/a'), 'utf8')).toBe('1')
    expect(readFileSync(join(path, 'labels'), 'utf8')).toBe('app="web"')
  })

  describe('a token of the account', () => {
    const volume = { projected: { sources: [{ serviceAccountToken: { path: 'deep/token' } }], defaultMode: 0o440 } }

    it('lies in memory, is replaced at once, and is found again by the next life of the agent', async () => {
      const path = await pathOf(volume)
      expect(mountsUnder([path])).toEqual([path])
      expect(readFileSync(join(path, 'deep/token'), 'utf8')).toBe('first')
      const before = readlinkSync(join(path, '..data'))
      given = 'second'
      await mount(volume)
      expect(readFileSync(join(path, 'deep/token'), 'utf8')).toBe('second')
      expect(readlinkSync(join(path, '..data'))).not.toBe(before)
      volumes = createPodVolumes(podPaths(dir), tokens)
      await mount(volume)
      expect(kepts.slice(-3)).toEqual([undefined, 'first', 'second'])
    })

    it('is no file where there is none, and a link in its place is not followed', async () => {
      given = undefined
      const path = await pathOf(volume)
      expect(readdirSync(path).filter((name) => !name.startsWith('..'))).toEqual([])
      given = 'first'
      await mount(volume)
      rmSync(join(path, readlinkSync(join(path, '..data')), 'deep'), { recursive: true })
      symlinkSync('/etc', join(path, readlinkSync(join(path, '..data')), 'deep'))
      await mount(volume)
      expect(kepts.at(-1)).toBeUndefined()
    })

    it.each<[string, object, object, { mode: number; uid: number; gid: number }]>([
      ['of root has the mode of the volume', {}, {}, { mode: 0o440, uid: 0, gid: 0 }],
      ['of the one user of all containers is his alone', { runAsUser: 1000 }, {}, { mode: 0o600, uid: 1000, gid: 0 }],
      ['of a group can be read by it', { fsGroup: 1234 }, {}, { mode: 0o640, uid: 0, gid: 1234 }],
      ['of several users is root’s', { runAsUser: 1000 }, { runAsUser: 1001 }, { mode: 0o440, uid: 0, gid: 0 }],
    ])('%s', async (_what, securityContext, ofOne, { mode, uid, gid }) => {
      const containers = [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'x', securityContext: ofOne },
      ]
      const pod = samplePod({ securityContext, containers, volumes: [{ name: 'v', ...volume }] })
      const path = (await volumes.mount(pod, { objects, node, signal: new AbortController().signal })).get('v') ?? ''
      const stats = statSync(join(path, 'deep/token'))
      expect({ mode: stats.mode & 0o777, uid: stats.uid, gid: stats.gid }).toEqual({ mode, uid, gid })
    })
  })

  it.each([
    [{ configMap: { name: 'none' } }, 'configmap "none" not found'],
    [{ configMap: { name: 'settings', items: [{ key: 'z', path: 'z' }] } }, 'configmap references non-existent config key: z'],
    [{ configMap: { name: 'settings', items: [{ key: 'a', path: '../../a' }] } }, "expected a relative path without '..'"],
    [{ configMap: { name: 'settings', items: [{ key: 'a', path: 'deep/../../a' }] } }, "expected a relative path without '..'"],
    [{ configMap: { name: 'settings', items: [{ key: 'a', path: '/etc/a' }] } }, "expected a relative path without '..'"],
    [{ secret: { secretName: 'none' } }, 'secret "none" not found'],
    [{ hostPath: { path: '/etc/hostname', type: 'Directory' } }, 'hostPath type check failed: /etc/hostname is not a directory'],
    [{ nfs: { server: 'x', path: '/' } }, 'volume source nfs is not supported on this node'],
    [{ projected: { sources: [{ clusterTrustBundle: { path: 'ca' } }] } }, 'projected source clusterTrustBundle is not supported'],
    [{ projected: { sources: [{ serviceAccountToken: { path: '../token' } }] } }, 'invalid path'],
  ])('refuses %j by name', async (volume, why) => {
    await expect(mount(volume)).rejects.toThrow(/^MountVolume.SetUp failed for volume "v" : /)
    await expect(mount(volume)).rejects.toThrow(why)
  })

  it('makes an empty folder of what is optional and missing', async () => {
    expect(visible(await pathOf({ configMap: { name: 'none', optional: true } }))).toEqual([])
  })

  it('leaves an empty folder to the pod: an agent that starts again changes neither its mode nor its owner', async () => {
    const path = await pathOf({ emptyDir: {} }, { fsGroup: 1234 })
    chmodSync(path, 0o700)
    chownSync(path, 0, 0)
    expect(await pathOf({ emptyDir: {} }, { fsGroup: 1234 })).toBe(path)
    expect(statSync(path)).toMatchObject({ gid: 0, mode: 0o40700 })
  })

  it('gives memory to the group of the pod again when the board has booted', async () => {
    const volume = { emptyDir: { medium: 'Memory' } }
    const path = await pathOf(volume, { fsGroup: 1234 })
    expect(statSync(path)).toMatchObject({ gid: 1234, mode: 0o42777 })
    execFileSync('umount', [path]) // what a power cut does; the folder below it stays on the card
    expect(await pathOf(volume, { fsGroup: 1234 })).toBe(path)
    expect(statSync(path)).toMatchObject({ gid: 1234, mode: 0o42777 })
  })

  it('makes an empty folder anew that the power went out over', async () => {
    const path = await pathOf({ emptyDir: {} })
    rmSync(path, { recursive: true })
    mkdirSync(join(`${path}.new`, 'half'), { recursive: true })
    expect(statSync(await pathOf({ emptyDir: {} }, { fsGroup: 1234 }))).toMatchObject({ gid: 1234, mode: 0o42777 })
    expect(readdirSync(join(path, '..'))).toEqual(['v'])
    expect(readdirSync(path)).toEqual([])
  })

  it('keeps what a pod wrote to memory when the agent starts again', async () => {
    const volume = { emptyDir: { medium: 'Memory' } }
    writeFileSync(join(await pathOf(volume), 'kept'), 'x')
    expect(visible(await pathOf(volume))).toEqual(['kept'])
  })

  it('makes a file of the host only where there is none', async () => {
    const path = join(dir, 'file')
    writeFileSync(path, 'of the host')
    await mount({ hostPath: { path, type: 'FileOrCreate' } })
    expect(readFileSync(path, 'utf8')).toBe('of the host')
  })

  it('uses a path of the host where it is, and makes it if asked to', async () => {
    const path = join(dir, 'made')
    expect(await pathOf({ hostPath: { path, type: 'DirectoryOrCreate' } })).toBe(path)
    expect(statSync(path).isDirectory()).toBe(true)
    writeFileSync(join(path, 'file'), 'x')
    await volumes.unmount('u1')
    expect(readdirSync(path)).toEqual(['file'])
  })

  describe('in a volume that somebody else could write to', () => {
    const volume = { configMap: { name: 'settings', items: [{ key: 'a', path: 'deep/a' }] } }
    const outside = () => join(dir, 'outside')
    beforeEach(() => {
      mkdirSync(join(outside(), 'deep'), { recursive: true })
      writeFileSync(join(outside(), 'deep/a'), 'of the host')
    })

    it('a link `..data` that leads outside is replaced: nothing there is read, written or removed', async () => {
      const path = await pathOf(volume)
      rmSync(join(path, '..data'))
      symlinkSync(outside(), join(path, '..data'))
      data['settings'] = { a: 'of the host' }
      await mount(volume)
      expect(readlinkSync(join(path, '..data'))).toMatch(/^\.\.2/)
      expect(readFileSync(join(path, 'deep/a'), 'utf8')).toBe('of the host')
      data['settings'] = { a: 'new' }
      await mount(volume)
      expect(readFileSync(join(path, 'deep/a'), 'utf8')).toBe('new')
      expect(readFileSync(join(outside(), 'deep/a'), 'utf8')).toBe('of the host')
    })

    it.each(['..data_tmp', 'deep', '..2030'])(
      'a link %s that leads outside is replaced or removed, and what it leads to stays',
      async (name) => {
        const path = await pathOf(volume)
        rmSync(join(path, name), { force: true })
        symlinkSync(outside(), join(path, name))
        data['settings'] = { a: 'new' }
        await mount(volume)
        expect(readFileSync(join(path, 'deep/a'), 'utf8')).toBe('new')
        expect(readdirSync(path).filter((each) => each === '..data_tmp' || each === '..2030')).toEqual([])
        expect(readFileSync(join(outside(), 'deep/a'), 'utf8')).toBe('of the host')
      },
    )

    it('a folder in the place of a link of ours is replaced, a FIFO in the place of a file is not opened', async () => {
      const path = await pathOf(volume)
      const current = join(path, readlinkSync(join(path, '..data')))
      rmSync(join(current, 'deep/a'))
      execFileSync('mkfifo', [join(current, 'deep/a')])
      rmSync(join(path, 'deep'))
      mkdirSync(join(path, 'deep'))
      await mount(volume)
      expect(readFileSync(join(path, 'deep/a'), 'utf8')).toBe('1')
    })

    it('a link in the place of the volume is not taken for it', async () => {
      const path = await pathOf(volume)
      rmSync(path, { recursive: true })
      symlinkSync(outside(), path)
      await expect(mount(volume)).rejects.toThrow(/ELOOP|ENOTDIR/)
      expect(readdirSync(outside())).toEqual(['deep'])
    })
  })

  it('gives folders and files the modes that are meant for the users of the containers, whatever the umask is', async () => {
    const before = process.umask(0o077)
    try {
      const made = join(dir, 'x/y')
      const volume = { configMap: { name: 'settings', items: [{ key: 'a', path: 'deep/a' }] } }
      const path = await pathOf(volume)
      expect([path, join(path, '..data/.'), join(path, 'deep/.'), join(path, 'deep/a')].map((each) => statSync(each).mode & 0o777)).toEqual(
        [0o755, 0o755, 0o755, 0o644],
      )
      await volumes.unmount('u1')
      expect(statSync(await pathOf({ emptyDir: {} })).mode & 0o7777).toBe(0o777)
      await mount({ hostPath: { path: made, type: 'DirectoryOrCreate' } })
      await mount({ hostPath: { path: join(made, 'file'), type: 'FileOrCreate' } })
      expect(['x', 'x/y', 'x/y/file'].map((each) => statSync(join(dir, each)).mode & 0o777)).toEqual([0o755, 0o755, 0o644])
    } finally {
      process.umask(before)
    }
  })
})
