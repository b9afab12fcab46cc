import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { exec, execOk } from '../host/exec.ts'
import { nodes } from '../resources.ts'
import { createNetwork, type Network } from './network.ts'
import { hubSource } from '../link/sync/hub-source.ts'

const pluginDir = ['/usr/lib/cni', '/opt/cni/bin'].find((dir) => existsSync(join(dir, 'ptp')))
const canRun =
  process.getuid?.() === 0 &&
  pluginDir !== undefined &&
  (await Promise.all(['ip', 'busybox'].map((tool) => exec('which', [tool])))).every(({ code }) => code === 0)

const id = `bnw${process.pid}`
const names = ['a', 'b'] as const
type Name = (typeof names)[number]
const lan = { a: '198.18.5.11', b: '198.18.5.12' }

/** Two nodes on one cable, each with pods that the real plugins connect from the configuration we write. */
const why = canRun ? '' : ' (skipped: needs root, iproute2, busybox and the CNI plugins)'
describe.skipIf(!canRun)(`the network of a node${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-network-'))
  const over = new AbortController()
  const namespace = (name: string) => `${id}${name}`
  const inside = (name: string, line: string) => execOk('nsenter', [`--net=/run/netns/${namespace(name)}`, ...line.split(' ')])
  const execIn =
    (name: string): typeof exec =>
    (command, args, options) =>
      exec('nsenter', [`--net=/run/netns/${namespace(name)}`, command, ...args], options)
  const cache = createMemoryCache()
  const sandboxes: string[] = []
  let networks: Readonly<Record<Name, Network>>
  let running: Promise<unknown>
  const confDir = (name: Name) => join(folder, name, 'cni')
  const runDir = (name: Name) => join(folder, name, 'run')
  const node = (name: string, podCIDR: string | undefined, address: string) =>
    ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      spec: { podCIDR },
      status: { addresses: [{ type: 'InternalIP', address }] },
    }) as Node
  const put = (...puts: readonly Node[]) =>
    hubSource(cache).apply({ scope: 'nodes', resource: nodes, puts, deletes: [], resourceVersion: '1' })

  /** What a runtime does: asks each plugin of our list, with the pod's namespace. */
  async function connect(name: Name, pod: string): Promise<string> {
    await execOk('ip', ['netns', 'add', namespace(pod)])
    const [file = ''] = readdirSync(confDir(name))
    const list = JSON.parse(readFileSync(join(confDir(name), file), 'utf8')) as {
      cniVersion: string
      name: string
      plugins: readonly object[]
    }
    const input = JSON.stringify({ cniVersion: list.cniVersion, name: list.name, ...list.plugins[0] })
    const environment = [
      'CNI_COMMAND=ADD',
      `CNI_CONTAINERID=${pod}`,
      `CNI_NETNS=/run/netns/${namespace(pod)}`,
      'CNI_IFNAME=eth0',
      `CNI_PATH=${pluginDir}`,
    ]
    const args = [`--net=/run/netns/${namespace(name)}`, 'env', ...environment, `${pluginDir}/ptp`]
    const { ips } = JSON.parse(await execOk('nsenter', args, { input })) as { ips: readonly { address: string }[] }
    await inside(pod, 'ip link set lo up')
    return ips[0]?.address.split('/')[0] ?? ''
  }

  beforeAll(async () => {
    for (const name of names) {
      await execOk('ip', ['netns', 'add', namespace(name)])
      await inside(name, 'ip link set lo up')
    }
    await execOk('ip', `link add lan netns ${namespace('a')} type veth peer name lan netns ${namespace('b')}`.split(' '))
    for (const name of names) {
      await inside(name, 'ip link set lan mtu 1400')
      await inside(name, `ip addr add ${lan[name]}/24 dev lan`)
      await inside(name, 'ip link set lan up')
    }
    const create = (name: Name) =>
      createNetwork({
        cache,
        exec: execIn(name),
        log: silentLog,
        node: name,
        instance: 'nw',
        clusterCidr: '10.42.0.0/16',
        serviceCidr: '10.43.0.0/16',
        cniConfDir: confDir(name),
        runDir: runDir(name),
        sandboxIds: async () => sandboxes,
      })
    networks = { a: create('a'), b: create('b') }
    running = Promise.all(names.map((name) => networks[name].run(over.signal)))
  }, 30_000)

  afterAll(async () => {
    over.abort()
    await running
    for (const name of ['a', 'b', 'p1', 'p2', 'p3', 'p4']) await exec('ip', ['netns', 'del', namespace(name)])
    rmSync(folder, { recursive: true, force: true })
  })

  test('is not ready before the hub gave it a pod CIDR', () => {
    put(node('a', undefined, lan.a))
    expect(networks.a.state()).toMatchObject({ ready: false, message: expect.stringContaining('pod CIDR') })
    expect(existsSync(confDir('a'))).toBe(false)
  })

  test('connects pods of one node and of two, by the addresses of their nodes', async () => {
    put(node('a', '10.42.1.0/24', lan.a), node('b', '10.42.2.0/24', lan.b))
    await vi.waitFor(() => expect(names.every((name) => networks[name].state().ready)).toBe(true))
    await vi.waitFor(async () => {
      expect(await inside('a', 'ip route')).toContain('10.42.2.0/24 via 198.18.5.12 dev lan proto 98')
      expect(await inside('b', 'ip route')).toContain('10.42.1.0/24 via 198.18.5.11 dev lan proto 98')
    })
    const pods = [await connect('a', 'p1'), await connect('a', 'p2'), await connect('b', 'p3')]
    expect(pods[0]).toMatch(/^10\.42\.1\./)
    expect(pods[2]).toMatch(/^10\.42\.2\./)
    for (const target of pods.slice(1)) await inside('p1', `busybox ping -c1 -W2 ${target}`)
    await inside('a', `busybox ping -c1 -W2 ${pods[0]}`)
    await inside('a', `busybox ping -c1 -W2 ${pods[2]}`)
  })

  test('gives pods the MTU of the cable', async () => expect(await inside('p1', 'ip link show eth0')).toContain('mtu 1400'))

  test('has a way to Services without a default route', async () =>
    expect(await inside('a', 'ip route get 10.43.0.1')).toContain('src 198.18.5.11'))

  test('names a node it has no way to, and drops the route of one that left', async () => {
    hubSource(cache).apply({
      scope: 'nodes',
      resource: nodes,
      puts: [node('far', '10.42.9.0/24', '203.0.113.1')],
      deletes: [{ name: 'b' }],
      resourceVersion: '2',
    })
    await vi.waitFor(() => expect(networks.a.problems()).toEqual([expect.stringMatching(/far.*10\.42\.9\.0\/24.*203\.0\.113\.1/)]))
    await vi.waitFor(async () => expect(await inside('a', 'ip route')).not.toContain('10.42.2.0/24'))
  })

  test('releases the addresses of pods that vanished with a power cut, at the next start', async () => {
    sandboxes.push('p1')
    const again = new AbortController()
    const restarted = createNetwork({
      cache, exec: execIn('a'), log: silentLog, node: 'nobody', instance: 'nw', clusterCidr: '10.42.0.0/16',
      cniConfDir: confDir('a'), runDir: runDir('a'), sandboxIds: async () => sandboxes,
    }) // prettier-ignore
    const held = () => readdirSync(join(runDir('a'), 'ipam/bramble-nw')).filter((file) => file.startsWith('10.'))
    expect(held()).toHaveLength(2)
    const old = new Date(Date.now() - 3_600_000)
    for (const file of held()) utimesSync(join(runDir('a'), 'ipam/bramble-nw', file), old, old)
    const young = await connect('a', 'p4')
    const ended = restarted.run(again.signal)
    await vi.waitFor(() => expect(held()).toHaveLength(2))
    expect(held()).toContain(young)
    again.abort()
    await ended
  })

  test('takes everything back', async () => {
    await networks.a.teardown()
    expect(await inside('a', 'ip route show proto 98')).toBe('')
    expect(readdirSync(confDir('a'))).toEqual([])
    expect(existsSync(join(runDir('a'), 'ipam'))).toBe(false)
  })
})
