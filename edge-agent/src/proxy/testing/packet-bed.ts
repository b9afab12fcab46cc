import { expect, vi } from 'vitest'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { exec, execOk } from '../../host/exec.ts'
import { nodes } from '../../resources.ts'
import type { Exec } from '../nft.ts'
import { createProxy, type Proxy } from '../proxy.ts'
import { testCache } from './objects.ts'

const isRoot = process.getuid?.() === 0
const tools = isRoot ? await Promise.all(['nft', 'ip', 'socat'].map((tool) => exec('which', [tool]))) : []
export const canSend = isRoot && tools.every(({ code }) => code === 0)
export const whyNot = canSend ? '' : ' (skipped: needs root, nft, ip and socat)'

export const cidrs = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' }

export const until = (holds: () => Promise<boolean>) => vi.waitFor(async () => expect(await holds()).toBe(true), { interval: 10 })

/**
 * A node with two pods behind point-to-point links, as the `ptp` plugin makes them, and one machine outside,
 * which also has a pod network of its own (10.42.2.0/24) as another node would. `name` tells those of one test file from another's.
 */
export function createPacketBed(name: string) {
  const id = `bpx${name}${process.pid}`
  const node = `${id}n`
  const over = new AbortController()
  const cache = testCache()
  let proxy: Proxy
  let running: Promise<void>
  let life: AbortController

  const begin = async () => {
    const ip = (line: string) => execOk('ip', line.split(' '))
    const inNode = (line: string) => inNamespaceOk(node, line)
    for (const name of [node, `${id}a`, `${id}b`, `${id}o`]) {
      await ip(`netns add ${name}`)
      await inNamespaceOk(name, 'ip link set lo up')
    }
    await inNode('sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=0') // a new namespace has the machine's values
    for (const [name, address] of [
      ['a', '10.42.1.11'],
      ['b', '10.42.1.12'],
    ] as const) {
      await ip(`link add v${name} netns ${node} type veth peer name eth0 netns ${id}${name}`)
      await inNode(`ip addr add 10.42.1.1/32 dev v${name}`)
      await inNode(`ip link set v${name} up`)
      await inNode(`ip route add ${address}/32 dev v${name} scope host`)
      await inNamespaceOk(`${id}${name}`, `ip addr add ${address}/24 dev eth0`)
      await inNamespaceOk(`${id}${name}`, 'ip link set eth0 up')
      await inNamespaceOk(`${id}${name}`, 'ip route del 10.42.1.0/24')
      await inNamespaceOk(`${id}${name}`, 'ip route add 10.42.1.1 dev eth0 scope link')
      await inNamespaceOk(`${id}${name}`, 'ip route add default via 10.42.1.1')
    }
    await ip(`link add vo netns ${node} type veth peer name eth0 netns ${id}o`)
    await inNode('ip addr add 198.51.100.1/24 dev vo')
    await inNode('ip link set vo up')
    await inNode('ip route add default via 198.51.100.2')
    await inNode('ip route add 10.42.2.0/24 via 198.51.100.2')
    await inNamespaceOk(`${id}o`, 'ip addr add 198.51.100.2/24 dev eth0')
    await inNamespaceOk(`${id}o`, 'ip link set eth0 up')
    await inNamespaceOk(`${id}o`, 'ip addr add 10.42.2.21/32 dev lo')
    await inNamespaceOk(`${id}o`, 'ip route add 10.42.1.0/24 via 198.51.100.1')
    for (const network of ['203.0.113.0/24', '10.43.0.0/16']) await inNamespaceOk(`${id}o`, `ip route add ${network} via 198.51.100.1`)
    for (const [namespace, name] of [
      [`${id}a`, 'a'],
      [`${id}b`, 'b'],
      [`${id}o`, 'remote'],
    ] as const) {
      serve(namespace, `TCP-LISTEN:8080,fork,reuseaddr`, name)
      serve(namespace, `UDP-LISTEN:5353,fork,reuseaddr${name === 'remote' ? ',bind=10.42.2.21' : ''}`, name)
      await until(async () => (await inNamespace(namespace)('socat', ['-u', '/dev/null', 'TCP:127.0.0.1:8080'])).code === 0)
    }
    cache.put(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1' },
      spec: { podCIDR: '10.42.1.0/24' },
    } as unknown as KubeObject)
    start()
  }

  const end = async () => {
    over.abort()
    await stop()
    for (const name of [node, `${id}a`, `${id}b`, `${id}o`]) await exec('ip', ['netns', 'del', name])
  }

  function start(): void {
    life = new AbortController()
    proxy = createProxy({ cache, exec: inNamespace(node), log: silentLog, node: 'n1', instance: 'px', ...cidrs, recheckMs: 200 })
    running = proxy.run(life.signal)
  }

  async function stop(): Promise<void> {
    life.abort()
    await running
  }

  /** Answers each connection with its name and who called. */
  function serve(namespace: string, listen: string, name: string): void {
    const answer = `SYSTEM:'read line; echo ${name} $SOCAT_PEERADDR'`
    void inNamespace(namespace)('socat', [listen, answer], { signal: over.signal, timeoutMs: 600_000 }).catch(() => {})
  }

  /** The end of a TCP connection is told; after a datagram one can only wait. */
  const patience = { TCP: ['-T10', '-t10'], UDP: ['-T2', '-t2'] }
  const call = async (from: string, address: string, protocol: 'TCP' | 'UDP' = 'TCP', options = ''): Promise<string> => {
    const { stdout, stderr } = await inNamespace(`${id}${from}`)(
      'socat',
      [...patience[protocol], '-', `${protocol}:${address},connect-timeout=1${options}`],
      { input: 'hello\n' },
    )
    return stdout.trim() || stderr.trim().replace(/^.*(refused|timed out|unreachable|No route).*$/is, '$1')
  }
  /** The cache tells at the end of the tick; then the proxy knows that it has work. */
  const settled = async () => {
    await new Promise(setImmediate)
    await proxy.settled()
  }
  const put = async (...objects: readonly (readonly [Resource, KubeObject])[]) => {
    for (const [resource, object] of objects) cache.put(resource, object)
    await settled()
  }

  async function inNamespaceOk(namespace: string, line: string): Promise<void> {
    await execOk('nsenter', [`--net=/run/netns/${namespace}`, ...line.split(' ')])
  }

  return {
    ...{ id, node, cache, begin, end, start, stop, serve, call, put, settled },
    get proxy() {
      return proxy
    },
  }
}

export const inNamespace =
  (namespace: string): Exec =>
  (command, args, options) =>
    exec('nsenter', [`--net=/run/netns/${namespace}`, command, ...args], options)
