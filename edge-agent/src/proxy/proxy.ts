import type { Log } from '@bramble/shared/logging/log.ts'
import { isAbort, messageOf, type Service } from '@bramble/shared/process/service.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createLatch } from '@bramble/shared/async/latch.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Cache } from '../cache/cache.ts'
import { writeSysctl } from '../host/sysctl.ts'
import { endpointSlices, nodes, services } from '../resources.ts'
import { createRefusals, culpritsAmong, podsOf, portsOf, unitsOf, type Unit } from './culprits.ts'
import { flowsOfEarlierLife, forgetFlows, staleFlows, type Served } from './conntrack.ts'
import { createLocalPods, type LocalPods } from './local-pods.ts'
import { createNft, isIntact, NftError, type Exec } from './nft.ts'
import { adoptScript, changeScript, replaceScript, type NftTable } from './nft-table.ts'
import { ruleset, tableName, tablePrefix, type RulesetInput } from './ruleset.ts'
import { servicePorts } from './service-ports.ts'
import { usableLocalPod, type Skip } from './usable.ts'

export type ProxyDeps = {
  readonly cache: Pick<Cache, 'list' | 'get' | 'subscribe' | 'hasSynced' | 'facts'>
  readonly exec: Exec
  readonly log: Log
  /** This node's name. */
  readonly node: string
  readonly instance: string
  readonly clusterCidr: string
  readonly serviceCidr?: string
  /** What the kubelet sees of this node's pods; without it the cached objects tell, which are old while the hub is away. */
  readonly localPods?: LocalPods
  /** Node ports answer on 127.0.0.1 too (sets `route_localnet`, with a guard against what that opens). Default true. */
  readonly localhostNodePorts?: boolean
  /** How soon a table that somebody flushed is back. */
  readonly recheckMs?: number
}

export type Proxy = Service & {
  /** Whether pods may count on Services here: from the first rules on, and at once where an earlier life has known them. */
  state(): { readonly ready: boolean; readonly message?: string }
  /** Called when `state` has changed. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void
  /** Resolves when the first rules are in the kernel: before that, what a pod sends to a Service would leave by the default route. */
  inPlace(): Promise<void>
  /** Resolves when what the cache holds now is in the kernel. */
  settled(): Promise<void>
  /** What keeps Services from working on this machine although the rules are in place, one sentence each. */
  problems(): readonly string[]
  /** Takes the table away: for tearing a node down, never at an ordinary exit, because pods keep running. */
  removeTable(): Promise<void>
}

// Changes come in bursts (a rollout, a first list); one transaction carries them all.
const coalesceMs = 10
const routeLocalnet = 'net.ipv4.conf.all.route_localnet'
const switchedOn = 'proxy.route_localnet'
const firstListMs = 500
// Of each kind of trouble in the node's condition and the log: one hostile object may have thousands.
const mostTold = 10

/** kube-proxy's work: keeps one nftables table equal to the Services and EndpointSlices in the cache. */
export function createProxy(deps: ProxyDeps): Proxy {
  const { cache, exec, log, node, instance, localhostNodePorts = true, recheckMs = 60_000 } = deps
  const nft = createNft({ exec })
  const name = tableName(instance)
  // What we last put into the kernel; undefined when that is not known, and the next apply replaces everything.
  let applied: NftTable | undefined
  // Where flows may have gone; survives a failed apply, which `applied` does not.
  let served: Served | undefined
  let version = 0
  let appliedVersion = -1
  const pulse = createPulse()
  const waiting = new Set<() => void>()
  let toldNoConntrack = false
  let hasTried = false
  let droppers: readonly string[] = []
  /** What of the objects cannot be a part of a rule. */
  let skipped: readonly string[] = []
  const refusals = createRefusals(() => performance.now())
  let wasRefused = false
  // A node that is known to have its Services does not become unready because its agent starts again.
  const hasSynced = () => cache.hasSynced(services) && cache.hasSynced(endpointSlices)
  const knewServices = hasSynced()
  const listeners = new Set<() => void>()
  const firstRules = createLatch()

  const changed = () => {
    version++
    pulse.ring()
  }

  /** Nodes and pods change more often than the little of them that is in the rules. */
  const whenDifferent = (read: () => string | undefined) => {
    let last = read()
    return () => {
      const now = read()
      if (now === last) return
      last = now
      changed()
    }
  }
  const podCidr = () => cache.get(nodes, { name: node })?.spec?.podCIDR || undefined
  const localPods = deps.localPods ?? createLocalPods(cache)

  const input = (skip: Skip): RulesetInput => {
    const cidr = podCidr()
    return {
      services: cache.list(services),
      endpointSlices: cache.list(endpointSlices),
      localPods: localPods.list(),
      node,
      instance,
      skip,
      clusterCidr: deps.clusterCidr,
      ...(deps.serviceCidr !== undefined && { serviceCidr: deps.serviceCidr }),
      ...(cidr !== undefined && { podCidr: cidr }),
    }
  }

  /** The first time: into what an earlier life left, if that is still as this release makes it. A second attempt takes no chances. */
  async function wholeScript(wanted: NftTable, signal: AbortSignal): Promise<string> {
    if (hasTried) return replaceScript(wanted)
    hasTried = true
    const left = await nft.survey(name, signal)
    const isOurs =
      left !== undefined && [...wanted.chains.keys()].some((chain) => chain.startsWith('frame-') && left.rulesOfChain.has(chain))
    return isOurs ? adoptScript({ chains: left.rulesOfChain.keys(), sets: left.elementsOfSet.keys() }, wanted) : replaceScript(wanted)
  }

  async function apply(signal: AbortSignal): Promise<void> {
    const left = new Set<string>()
    const from = input((sentence) => left.add(sentence))
    const units = unitsOf(servicePorts(from), from.localPods)
    const rulesOf = (some: readonly Unit[]) => ruleset({ ...from, localPods: podsOf(some) }, portsOf(some))
    let tried = refusals.without(units)
    let wanted = rulesOf(tried)
    tellOfSkipped([...left])
    const script = applied === undefined ? await wholeScript(wanted, signal) : changeScript(applied, wanted)
    if (script !== '') {
      const began = performance.now()
      const isFirst = applied === undefined
      applied = undefined // whatever happens below, unless it ends well, the next one replaces everything
      try {
        await nft.apply(script, signal)
      } catch (error) {
        // Once may be the machine's bad moment. Then it is something in the rules: whatever it is must not hold up the rest.
        if (!(error instanceof NftError) || !wasRefused) {
          wasRefused = error instanceof NftError
          throw error
        }
        const culprits = await culpritsAmong(tried, (some) => nft.accepts(replaceScript(rulesOf(some)), signal))
        if (culprits.length === 0) throw error
        refusals.add(culprits)
        log.error({ left: refusals.list(), error: messageOf(error) }, 'rules that nft refuses are left out')
        tried = refusals.without(units)
        wanted = rulesOf(tried)
        await nft.apply(replaceScript(wanted), signal)
      }
      wasRefused = false
      applied = wanted
      log.debug(
        { services: portsOf(tried).length, lines: script.split('\n').length - 1, ms: Math.round(performance.now() - began) },
        'rules applied',
      )
      if (isFirst && localhostNodePorts) await allowLocalhost(signal)
      if (isFirst) log.info({ table: name, services: portsOf(tried).length }, 'service rules are in place')
    }
    const now: Served = { ports: portsOf(tried), pods: podsOf(tried).map((pod) => usableLocalPod(pod, () => {})) }
    const stale = served === undefined ? flowsOfEarlierLife(now) : staleFlows(served, now)
    served = now
    if (!(await forgetFlows(stale, exec, signal)) && !toldNoConntrack) {
      toldNoConntrack = true
      log.warn({}, 'conntrack is not installed: UDP clients stay with a removed endpoint for up to two minutes')
    }
  }

  function tellOfSkipped(now: readonly string[]): void {
    const known = new Set(skipped)
    for (const problem of now.filter((each) => !known.has(each)).slice(0, mostTold)) log.warn({ problem }, 'left out of the rules')
    skipped = now
  }

  /** A packet from 127.0.0.1 may leave through an interface only with this; our `guard` chain, applied before, keeps the wire away from 127.0.0.0/8. */
  async function allowLocalhost(signal: AbortSignal): Promise<void> {
    try {
      if (await writeSysctl(exec, routeLocalnet, '1', signal)) cache.facts.set(switchedOn, true)
    } catch (error) {
      if (!isAbort(error, signal)) log.warn({ error: messageOf(error) }, 'node ports do not answer on 127.0.0.1')
    }
  }

  /** An accept of ours does not overrule the drop of another table, and their tables are not ours to change. */
  async function lookForDroppers(signal: AbortSignal): Promise<void> {
    const now = (await nft.droppingForwardChains(name, signal)).map(
      (chain) =>
        `the chain ${chain} drops forwarded packets by default, which cuts pods off; allow those from and to ${deps.clusterCidr} there (docker does this: put the rule into its chain DOCKER-USER)`,
    )
    for (const problem of now.filter((each) => !droppers.includes(each))) log.warn({ problem }, 'forwarding is blocked')
    droppers = now
  }

  /** Somebody may have flushed the rules of the whole machine. */
  async function recheck(signal: AbortSignal): Promise<void> {
    if (applied === undefined) return
    const seen = await nft.survey(name, signal)
    if (seen !== undefined && isIntact(applied, seen)) return
    log.warn({ table: name }, 'the table was changed by somebody else and is restored')
    applied = undefined
    changed()
  }

  return {
    name: 'proxy',
    async run(signal) {
      const unsubscribe = [
        cache.subscribe(services, changed),
        cache.subscribe(endpointSlices, changed),
        cache.subscribe(nodes, whenDifferent(podCidr)),
        localPods.subscribe(whenDifferent(() => JSON.stringify(localPods.list()))),
      ]
      const backoff = createBackoff({ firstMs: 200, maxMs: 30_000 })
      let said = ''
      try {
        let nextCheck = performance.now() // the first look comes at once
        while (!signal.aborted) {
          const at = version
          try {
            // An empty cache says nothing about which Services there are: what an earlier life left in the kernel stays.
            if (at !== appliedVersion && hasSynced()) {
              await apply(signal)
              const isFirst = appliedVersion < 0
              appliedVersion = at
              if (isFirst) {
                firstRules.open()
                for (const listener of listeners) listener()
              }
              if (version === at) {
                for (const resolve of waiting) resolve()
                waiting.clear()
              }
              backoff.reset()
              said = ''
            }
            if (performance.now() >= nextCheck) {
              nextCheck = performance.now() + recheckMs
              if (performance.now() >= refusals.nextAt()) changed()
              await recheck(signal)
              await lookForDroppers(signal)
            }
          } catch (error) {
            if (isAbort(error, signal)) break
            if (messageOf(error) !== said) log.error({ error: messageOf(error) }, 'service rules could not be applied')
            said = messageOf(error)
            await sleep(backoff.next(), signal).catch(() => {})
            continue
          }
          // A first list that is empty changes no object, so nobody rings for it.
          const waitMs = appliedVersion < 0 ? firstListMs : Math.max(0, nextCheck - performance.now())
          const woken = await pulse.wait(waitMs, signal)
          if (woken === 'rung') await sleep(coalesceMs, signal).catch(() => {})
        }
      } finally {
        for (const stop of unsubscribe) stop()
      }
    },
    state: () =>
      knewServices || appliedVersion >= 0
        ? { ready: true }
        : { ready: false, message: 'the Services of the cluster are not known here yet' },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    inPlace: () => firstRules.opened,
    settled: () =>
      new Promise((resolve) => {
        if (appliedVersion === version) return resolve()
        waiting.add(resolve)
      }),
    problems: () => [
      ...droppers,
      ...refusals
        .list()
        .map((what) => `the rules for ${what} are refused by nftables and left out; the rest is in place`)
        .slice(0, mostTold),
      ...skipped.slice(0, mostTold),
    ],
    async removeTable() {
      // Before the guard goes; unless somebody else needs it, such as another node of ours here, which has its own guard.
      if (cache.facts.get(switchedOn) === true && (await nft.tables()).every((table) => table === name || !table.startsWith(tablePrefix)))
        await writeSysctl(exec, routeLocalnet, '0')
      await nft.remove(name)
      applied = undefined
      cache.facts.delete(switchedOn)
    },
  }
}
