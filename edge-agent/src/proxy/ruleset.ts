import { createHash } from 'node:crypto'
import type { NftChain, NftSet, NftTable } from './nft-table.ts'
import { usableLocalPod, usableNetworks } from './usable.ts'
import {
  idOf,
  servicePorts,
  type Endpoint,
  type LocalPod,
  type Protocol,
  type ServicePort,
  type ServicePortsInput,
} from './service-ports.ts'

export type RulesetInput = ServicePortsInput & {
  /** Names the table, so that several nodes can share one network namespace: `bramble_<instance>`. */
  readonly instance: string
  /** This node's pods; without it nothing is masqueraded yet. */
  readonly podCidr?: string
  /** All pods of the cluster: between them addresses are kept. */
  readonly clusterCidr: string
  /** All ClusterIPs: what no Service has is refused at once instead of leaving by the default route. */
  readonly serviceCidr?: string
}

export const tablePrefix = 'inet bramble_'
export const tableName = (instance: string): string => `${tablePrefix}${instance}`

// One bit that no usual neighbour uses (kube-proxy 0x4000, Tailscale 0xff0000, Calico 0xffff0000, Cilium 0xf00): this packet needs our address to find its way back.
const masqueradeMark = '0x2000'

// One before the usual priorities: beside tables of equal priority (docker, libvirt) the order would be that of registration, which changes over restarts.
const priority = { guard: -301, guardOutput: -2, refuse: -111, dnat: -101, forward: -1, snat: 99 }

/**
 * The table this node wants. A new connection costs two look-ups and one random number however many Services there are;
 * packets of a known connection see none of it, which is why a change never touches connections of other Services.
 *
 *     prerouting, output:  refuse (no endpoints)  →  dispatch: address . protocol . port  →  chain of the Service port  →  DNAT
 *     forward:             addresses of Services that no rule took are refused
 *     postrouting:         hairpin, localhost, marked and outgoing traffic gets our address
 */
export function ruleset(given: RulesetInput, ports: readonly ServicePort[] = servicePorts(given)): NftTable {
  const { skip = () => {} } = given
  const podCidr = usableNetworks(given.podCidr === undefined ? [] : [given.podCidr], 'the pod CIDR of this node', skip)[0]
  const { podCidr: _unread, ...rest } = given
  const input = { ...rest, ...(podCidr !== undefined && { podCidr }), localPods: given.localPods.map((pod) => usableLocalPod(pod, skip)) }
  const table = createBuilder()
  addFrame(table, input)
  table.chain(frameMark(table.built), [])
  for (const port of ports) addServicePort(table, port, input.clusterCidr)
  for (const pod of input.localPods) addHostPorts(table, pod, input.clusterCidr)
  for (const ip of localAddresses(ports, input.localPods)) table.element('hairpin', `${ip} . ${ip}`)
  return { name: tableName(input.instance), ...table.built }
}

function addFrame(table: Builder, { podCidr, clusterCidr, serviceCidr }: RulesetInput): void {
  table.set('cluster-ips', 'set', 'type ipv4_addr;')
  table.set('hairpin', 'set', 'type ipv4_addr . ipv4_addr;')
  table.set('services', 'map', 'type ipv4_addr . inet_proto . inet_service : verdict;')
  table.set('node-ports', 'map', 'type inet_proto . inet_service : verdict;')
  table.set('refused-services', 'map', 'type ipv4_addr . inet_proto . inet_service : verdict;')
  table.set('refused-node-ports', 'map', 'type inet_proto . inet_service : verdict;')

  table.chain('refuse-with-error', ['meta l4proto tcp reject with tcp reset', 'reject with icmpx port-unreachable'])
  // Localhost node ports need route_localnet; this keeps what it would otherwise open: 127.0.0.0/8 from the wire.
  table.chain('guard', ['iifname != "lo" ip daddr 127.0.0.0/8 drop', 'iifname != "lo" ip saddr 127.0.0.0/8 drop'], hook('filter', 'prerouting', priority.guard)) // prettier-ignore
  table.chain('refuse', [
    'ip daddr . meta l4proto . th dport vmap @refused-services',
    'fib daddr type local meta l4proto . th dport vmap @refused-node-ports',
  ])
  table.chain('refuse-prerouting', ['ct state new jump refuse'], hook('filter', 'prerouting', priority.refuse))
  table.chain('refuse-output', ['ct state new jump refuse'], hook('filter', 'output', priority.refuse))
  // What was translated to an address of 127.0.0.0/8 must not arrive there from outside of this machine, nor through an address of a Service;
  // answers to localhost's own connections by node port do.
  table.chain('guard-input', ['ct direction original iifname != "lo" ip daddr 127.0.0.0/8 drop'], hook('filter', 'input', priority.guard))
  table.chain('guard-output', ['ct status dnat ct original ip daddr @cluster-ips ip daddr 127.0.0.0/8 drop'], hook('filter', 'output', priority.guardOutput)) // prettier-ignore
  const strangers = [
    'ct state new ip daddr @cluster-ips goto refuse-with-error',
    ...(serviceCidr === undefined ? [] : [`ct state new ip daddr ${serviceCidr} goto refuse-with-error`]),
  ]
  table.chain('forward', strangers, hook('filter', 'forward', priority.forward))
  table.chain('output', strangers, hook('filter', 'output', priority.forward))

  table.chain('dispatch', [
    'ip daddr . meta l4proto . th dport vmap @services',
    'fib daddr type local meta l4proto . th dport vmap @node-ports',
  ])
  table.chain('nat-prerouting', ['jump dispatch'], hook('nat', 'prerouting', priority.dnat))
  table.chain('nat-output', ['jump dispatch'], hook('nat', 'output', priority.dnat))
  table.chain(
    'nat-postrouting',
    [
      'ct status dnat ip saddr . ip daddr @hairpin masquerade fully-random',
      // A pod would answer 127.0.0.1 to itself.
      'oifname != "lo" ct status dnat ip saddr 127.0.0.0/8 masquerade fully-random',
      // A pod of this node answers through this node anyway and may see who called; one elsewhere must answer to us.
      `oifname != "lo" meta mark & ${masqueradeMark} == ${masqueradeMark}${podCidr === undefined ? '' : ` ip daddr != ${podCidr}`} masquerade fully-random`,
      // Nobody outside the cluster knows a way to our pods. Multicast and broadcast stay as they are.
      ...(podCidr === undefined ? [] : [`ip saddr ${podCidr} ip daddr != { ${clusterCidr}, 224.0.0.0/4 } masquerade fully-random`]),
    ],
    hook('nat', 'postrouting', priority.snat),
  )
}

/** An empty chain whose name tells how the frame was made: a table of another release is replaced, one of this release adopted. */
function frameMark({ chains, sets }: Pick<NftTable, 'chains' | 'sets'>): string {
  const hooks = [...chains].map(([name, { hook = '' }]) => `${name} ${hook}`)
  const declarations = [...sets].map(([name, { declaration }]) => `${name} ${declaration}`)
  return `frame-${createHash('sha256')
    .update([...hooks, ...declarations].join('\n'))
    .digest('hex')
    .slice(0, 10)}`
}

const hook = (type: 'nat' | 'filter', name: string, at: number) => `type ${type} hook ${name} priority ${at}; policy accept;`

function addServicePort(table: Builder, port: ServicePort, clusterCidr: string): void {
  const proto = port.protocol.toLowerCase()
  const cluster = port.endpoints.length === 0 ? undefined : `svc-${port.id}`
  const local = port.localEndpoints.length === 0 ? undefined : `local-${port.id}`
  const external = port.externalIPs.length > 0 || port.balancerIPs.length > 0 || port.nodePort !== undefined

  const needsCluster = !port.internalLocal || external
  if (cluster !== undefined && needsCluster) addBalancer(table, cluster, port, port.endpoints, [`ip saddr != ${clusterCidr} meta mark set meta mark or ${masqueradeMark}`]) // prettier-ignore
  if (local !== undefined && (port.internalLocal || (external && port.externalLocal)))
    addBalancer(table, local, port, port.localEndpoints, [])

  // Local with endpoints elsewhere drops, as Kubernetes does: a health check must see silence, not a refusal. No endpoints anywhere is refused.
  const nowhere = port.endpoints.length === 0 ? 'goto refuse-with-error' : 'drop'
  const internal = port.internalLocal ? local : cluster
  for (const ip of port.clusterIPs) {
    table.element('cluster-ips', ip)
    const key = `${ip} . ${proto} . ${port.port}`
    if (internal === undefined) table.element('refused-services', key, nowhere)
    else table.element('services', key, `goto ${internal}`)
  }
  if (!external) return

  let outside = cluster
  if (port.externalLocal && cluster !== undefined) {
    outside = `ext-${port.id}`
    // Who is inside the cluster is not meant by the policy, and may reach every endpoint.
    table.chain(outside, [
      `ip saddr ${clusterCidr} goto ${cluster}`,
      `fib saddr type local goto ${cluster}`,
      local === undefined ? 'drop' : `goto ${local}`,
    ])
  }
  const guarded = outside === undefined ? undefined : addFirewall(table, port, outside)
  const addExternal = (ip: string, target: string | undefined) => {
    const key = `${ip} . ${proto} . ${port.port}`
    if (target === undefined) table.element('refused-services', key, 'goto refuse-with-error')
    else table.element('services', key, `goto ${target}`)
  }
  for (const ip of port.externalIPs) addExternal(ip, outside)
  for (const ip of port.balancerIPs) addExternal(ip, guarded)
  if (port.nodePort === undefined) return
  const key = `${proto} . ${port.nodePort}`
  if (guarded === undefined) table.element('refused-node-ports', key, 'goto refuse-with-error')
  else table.element('node-ports', key, `goto ${guarded}`)
}

/**
 * Lets the source ranges of a load balancer through to `target`, and this machine itself; everybody else meets silence. The node port is
 * such a Service's door too, as no balancer stands before our nodes.
 */
function addFirewall(table: Builder, { id, sourceRanges }: ServicePort, target: string): string {
  if (sourceRanges === undefined || sourceRanges.includes('0.0.0.0/0')) return target
  const chain = `fw-${id}`
  // One rule each: an anonymous set refuses ranges that overlap.
  table.chain(chain, [`fib saddr type local goto ${target}`, ...sourceRanges.map((range) => `ip saddr ${range} goto ${target}`), 'drop'])
  return chain
}

/** A chain that sends a new connection to one of the endpoints; with affinity, to the one its client had. */
function addBalancer(table: Builder, chain: string, port: ServicePort, endpoints: readonly Endpoint[], before: readonly string[]): void {
  const proto = port.protocol.toLowerCase()
  if (port.affinitySeconds === undefined) {
    const [only] = endpoints
    const target =
      endpoints.length === 1 && only !== undefined
        ? `dnat ip to ${only.ip}:${only.port}`
        : `dnat ip addr . port to numgen random mod ${endpoints.length} map { ${endpoints.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(', ')} }`
    return table.chain(chain, [...before, `meta l4proto ${proto} ${target}`])
  }
  const members = endpoints.map(({ ip, port: endpointPort }) => {
    const name = `${ip}_${endpointPort}-${port.affinitySeconds}s-${chain}`
    // A client's choice lives as long as it comes back in time; the bound is kube-proxy's.
    table.set(`aff-${name}`, 'set', `type ipv4_addr; size 65535; flags dynamic,timeout; timeout ${port.affinitySeconds}s;`)
    table.chain(`ep-${name}`, [`update @aff-${name} { ip saddr }`, `meta l4proto ${proto} dnat ip to ${ip}:${endpointPort}`])
    return name
  })
  table.chain(chain, [
    ...before,
    ...members.map((name) => `ip saddr @aff-${name} goto ep-${name}`),
    `numgen random mod ${members.length} vmap { ${members.map((name, index) => `${index} : goto ep-${name}`).join(', ')} }`,
  ])
}

/** A host port is a node port with one endpoint. */
function addHostPorts(table: Builder, { uid, ip, hostPorts }: LocalPod, clusterCidr: string): void {
  if (ip === undefined || !clusterCidr) return
  for (const { protocol, hostPort, containerPort, hostIP } of hostPorts) {
    const proto = protocol.toLowerCase()
    const chain = `host-${idOf(`${uid}/${proto}/${hostPort}`)}`
    const everywhere = hostIP === undefined || hostIP === '' || hostIP === '0.0.0.0'
    const taken = everywhere
      ? table.element('node-ports', `${proto} . ${hostPort}`, `goto ${chain}`)
      : table.element('services', `${hostIP} . ${proto} . ${hostPort}`, `goto ${chain}`)
    if (taken) table.chain(chain, [`meta l4proto ${proto} dnat ip to ${ip}:${containerPort}`])
  }
}

/** Who could reach itself through a Service. */
const localAddresses = (ports: readonly ServicePort[], pods: readonly LocalPod[]): Set<string> =>
  new Set([
    ...ports.flatMap(({ endpoints, localEndpoints }) => [...endpoints, ...localEndpoints].filter(({ local }) => local).map(({ ip }) => ip)),
    ...pods.filter(({ hostPorts }) => hostPorts.length > 0).flatMap(({ ip }) => (ip === undefined ? [] : [ip])),
  ])

type Builder = ReturnType<typeof createBuilder>

function createBuilder() {
  const chains = new Map<string, NftChain>()
  const sets = new Map<string, NftSet & { readonly elements: Map<string, string> }>()
  return {
    built: { chains, sets },
    chain(name: string, rules: readonly string[], hook?: string): void {
      chains.set(name, hook === undefined ? { rules } : { hook, rules })
    },
    set(name: string, type: 'set' | 'map', declaration: string): void {
      sets.set(name, { type, declaration, elements: new Map() })
    },
    /** False when the key is taken: the first one keeps it, as two Services cannot both have an address. */
    element(set: string, key: string, value = ''): boolean {
      const elements = sets.get(set)?.elements
      if (elements === undefined) throw new Error(`no set ${set} was declared before its element ${key}`)
      if (elements.has(key)) return false
      elements.set(key, value)
      return true
    },
  }
}

export type { LocalPod, Protocol }
