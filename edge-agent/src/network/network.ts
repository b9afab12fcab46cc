import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createLatch } from '@bramble/shared/async/latch.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { formatCidr, parseCidr } from '@bramble/shared/meta/ip.ts'
import { isAbort, messageOf, type Service } from '@bramble/shared/process/service.ts'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import type { Cache } from '../cache/cache.ts'
import type { exec as hostExec } from '../host/exec.ts'
import { readText } from '../host/read-sysfs.ts'
import { writeSysctl } from '../host/sysctl.ts'
import { nodes } from '../resources.ts'
import { createSteadiness } from './steadiness.ts'
import { cniConfig, networkName } from './cni-config.ts'
import { releaseOrphans } from './ipam-gc.ts'
import { routeArguments, routeChanges, routeProtocol, wantedRoutes, type LocalAddress, type Route } from './routes.ts'

export type NetworkDeps = {
  readonly cache: Pick<Cache, 'get' | 'list' | 'unlisted' | 'subscribe'>
  readonly exec: typeof hostExec
  readonly log: Log
  readonly node: string
  readonly instance: string
  readonly clusterCidr: string
  readonly serviceCidr?: string
  /** Where the runtime looks for CNI configurations. */
  readonly cniConfDir: string
  /** A folder of ours that is gone after a reboot, as the addresses of pods are. */
  readonly runDir: string
  /** The machine's own address as it is now; what the hub knows of it while it says nothing. */
  readonly ownAddress?: () => string | undefined
  /** Ids of all sandboxes the runtime knows; undefined while it cannot be asked. Without it no leaked address is released. */
  readonly sandboxIds?: (signal: AbortSignal) => Promise<readonly string[] | undefined>
}

export type NetworkState = { readonly ready: boolean; readonly message?: string }

export type Network = Service & {
  /** Whether pods can be given an address. */
  state(): NetworkState
  /** Resolves once the routes to the other nodes have been set for the first time. */
  inPlace(): Promise<void>
  /** Called when `state` has changed. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void
  /** Nodes whose pods cannot be reached from here, one sentence each. */
  problems(): readonly string[]
  /** Takes back what was put on the machine, for tearing a node down after its pods are gone. */
  teardown(): Promise<void>
}

// Who flushes routes or deletes the CNI configuration must not notice for long; two short commands a look.
const recheckMs = 20_000
const sweepMs = 60_000
// Longer than a runtime takes from an address to a sandbox that it lists, even on a slow card.
const settlesWithinMs = 5 * 60_000

/** Gives the node's pods their network: the CNI configuration out of the pod CIDR the hub assigned, and routes to the other nodes' pods. */
export function createNetwork(deps: NetworkDeps): Network {
  const { cache, exec, log, node, instance, clusterCidr, serviceCidr, cniConfDir, runDir } = deps
  const confFile = join(cniConfDir, `10-bramble-${instance}.conflist`)
  const ipamDir = join(runDir, 'ipam')
  let state: NetworkState = { ready: false, message: whyNotGiven(undefined) }
  const listeners = new Set<() => void>()
  const firstRoutes = createLatch()
  const become = (next: NetworkState) => {
    if (next.ready === state.ready && next.message === state.message) return
    state = next
    for (const listener of listeners) listener()
  }
  let problems: readonly string[] = []
  const ours = [clusterCidr, ...(serviceCidr === undefined ? [] : [serviceCidr])]

  async function ip(args: readonly string[], signal?: AbortSignal): Promise<string> {
    const { code, stdout, stderr } = await exec('ip', args, { signal })
    if (code !== 0) throw new Error(`ip ${args.join(' ')} exited with ${code}: ${(stderr || stdout).trim()}`)
    return stdout
  }

  async function localAddresses(signal: AbortSignal): Promise<readonly (LocalAddress & { readonly dev: string; readonly mtu: number })[]> {
    const links = JSON.parse(await ip(['-j', '-4', 'addr'], signal)) as readonly ListedLink[]
    return links.flatMap(({ ifname, mtu, addr_info = [] }) =>
      addr_info.map(({ local, prefixlen }) => ({ address: local, prefix: prefixlen, dev: ifname, mtu })),
    )
  }

  const seenRoutes = async (signal?: AbortSignal) =>
    (JSON.parse((await ip(['-j', '-4', 'route', 'show', 'proto', String(routeProtocol)], signal)) || '[]') as readonly Route[]).map(
      (route) =>
        // A host route is printed without its /32.
        route.dst.includes('/') ? route : { ...route, dst: `${route.dst}/32` },
    )

  async function reconcile(signal: AbortSignal): Promise<void> {
    const own = cache.get(nodes, { name: node })
    const addresses = await localAddresses(signal)
    const given = parseCidr(own?.spec?.podCIDR ?? '')
    // A Node that was made anew has no addresses until the hub gives it some: those of its pods may be another's by then.
    if (given === undefined) become({ ready: false, message: whyNotGiven(own?.spec?.podCIDR) })
    else {
      const podCidr = formatCidr(given)
      const internal = deps.ownAddress?.() ?? own?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
      const mtu = addresses.find(({ address, dev }) => address === internal && dev !== 'lo')?.mtu
      const wanted = `${JSON.stringify(cniConfig({ instance, podCidr, ipamDir, ...(mtu !== undefined && { mtu }) }), null, 2)}\n`
      if (readText(confFile) !== wanted.trim()) {
        writeFileAtomic(confFile, wanted)
        log.info({ podCidr, file: confFile }, 'pod network is configured')
      }
    }

    const { routes, unreachable } = wantedRoutes({
      node,
      nodes: cache.list(nodes),
      unlisted: new Set(cache.unlisted(nodes).map(({ metadata }) => metadata.name)),
      clusterCidr,
      ...(serviceCidr !== undefined && { serviceCidr }),
      localAddresses: addresses,
    })
    const refused: string[] = []
    for (const change of routeChanges(routes, await seenRoutes(signal), ours)) {
      try {
        await ip(routeArguments(change), signal)
        log.info({ ...change.route, verb: change.verb }, 'route changed')
      } catch (error) {
        // One that the kernel does not take must not cost the others theirs.
        if (isAbort(error, signal)) throw error
        refused.push(`the route to ${change.route.dst} could not be set: ${messageOf(error)}`)
      }
    }
    // Now, and not before: what a pod sends to a pod of another node would leave by the default route.
    if (given !== undefined) become({ ready: true })
    const now = [
      ...unreachable.map(({ node: other, podCidr: theirs, address, problem }) =>
        problem === undefined
          ? `pods of node ${other} (${theirs}) cannot be reached from here: its address ${address?.slice(0, 64) ?? '(none)'} is in no network of this machine, and tunnels between networks are not there yet`
          : `pods of node ${other} cannot be reached from here: its pod CIDR ${theirs.slice(0, 64)} ${problem}`,
      ),
      ...refused,
    ]
    for (const problem of now.filter((each) => !problems.includes(each))) log.warn({ problem }, 'another node is out of reach')
    problems = now
  }

  const isSteady = createSteadiness(settlesWithinMs)
  async function releaseLeaked(signal: AbortSignal): Promise<void> {
    // Ages are told by the files' times: while the clock has just been set, a fresh reservation looks years old.
    if (!isSteady({ wall: Date.now(), monotonic: performance.now() })) return
    const ids = await deps.sandboxIds?.(signal).catch(() => undefined) // a runtime that cannot be asked yet is asked at the next look
    if (ids === undefined) return
    const liveSandboxes = new Set(ids)
    const released = releaseOrphans({ ipamDir, network: networkName(instance), liveSandboxes, olderThan: Date.now() - settlesWithinMs })
    if (released.length > 0) log.info({ addresses: released }, 'addresses of vanished pods released')
  }

  return {
    name: 'network',
    async run(signal) {
      const pulse = createPulse()
      const unsubscribe = cache.subscribe(nodes, pulse.ring)
      let said = ''
      let nextSweep = 0
      try {
        // Pods are routed by this machine; everything else keeps the machine's own settings: strict reverse-path filtering and
        // any ARP setting work with point-to-point links, as each pod's address is routed to its own link and nothing is bridged.
        await writeSysctl(exec, 'net.ipv4.ip_forward', '1', signal).catch((error: unknown) => {
          if (!isAbort(error, signal)) log.error({ error: messageOf(error) }, 'forwarding could not be switched on')
        })
        while (!signal.aborted) {
          let next = recheckMs
          try {
            await reconcile(signal)
            firstRoutes.open()
            if (performance.now() >= nextSweep) {
              nextSweep = performance.now() + sweepMs
              await releaseLeaked(signal)
            }
            said = ''
          } catch (error) {
            if (isAbort(error, signal)) break
            if (messageOf(error) !== said) log.error({ error: messageOf(error) }, 'pod network could not be set up')
            said = messageOf(error)
            next = 2_000
          }
          await pulse.wait(next, signal)
        }
      } finally {
        unsubscribe()
      }
    },
    state: () => state,
    inPlace: () => firstRoutes.opened,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    problems: () => problems,
    async teardown() {
      for (const route of await seenRoutes()) {
        if (ours.some((cidr) => routeChanges([], [route], [cidr]).length > 0)) await ip(routeArguments({ verb: 'del', route }))
      }
      rmSync(confFile, { force: true })
      rmSync(ipamDir, { recursive: true, force: true })
      state = { ready: false, message: 'the node is being torn down' }
    },
  }
}

const whyNotGiven = (text = ''): string =>
  text === '' ? 'no pod CIDR has been assigned to this node yet' : `the pod CIDR of this node is no IPv4 network: ${text.slice(0, 64)}`

type ListedLink = {
  readonly ifname: string
  readonly mtu: number
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[]
}
