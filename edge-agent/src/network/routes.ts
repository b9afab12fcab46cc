import type { Node } from '@bramble/shared/kinds/node.ts'
import { contains, formatCidr, overlap, parseCidr, parseIpv4, type Cidr } from '@bramble/shared/meta/ip.ts'

/** A route as `ip -j route` prints it and `ip route` takes it. */
export type Route = { readonly dst: string; readonly gateway?: string; readonly dev?: string; readonly prefsrc?: string }

/** Marks our routes for the kernel, so that we never touch another's (rtnetlink's numbers above 4 are for user space; 98 is taken by nobody in rt_protos). */
export const routeProtocol = 98

/** An address of this machine with the size of its subnet. */
export type LocalAddress = { readonly address: string; readonly prefix: number }

export type RoutesInput = {
  readonly node: string
  readonly nodes: readonly Node[]
  /** By name, those that the hub does not list: what another has been given since is not theirs. */
  readonly unlisted?: ReadonlySet<string>
  readonly clusterCidr: string
  readonly serviceCidr?: string
  readonly localAddresses: readonly LocalAddress[]
}

export type Unreachable = {
  readonly node: string
  readonly podCidr: string
  readonly address: string | undefined
  /** What is wrong with the pod network itself. */
  readonly problem?: string
}

export type WantedRoutes = {
  readonly routes: readonly Route[]
  /** Nodes with no address in any subnet of ours: their pods are out of reach until there is a tunnel to them. Or with a pod network that cannot be what it says. */
  readonly unreachable: readonly Unreachable[]
}

/**
 * To each other node's pods by that node's address. A network that cannot be read, is not in the cluster's, or takes addresses of ours
 * or of a node before it costs that node its route and nobody else.
 */
export function wantedRoutes({ node, nodes, unlisted, clusterCidr, serviceCidr, localAddresses }: RoutesInput): WantedRoutes {
  const cluster = parseCidr(clusterCidr)
  const own = nodes.find(({ metadata }) => metadata.name === node)
  const routes: Route[] = []
  const unreachable: Unreachable[] = []
  const taken = [parseCidr(own?.spec?.podCIDR ?? '')].filter((each) => each !== undefined)
  const late = (name: string) => (unlisted?.has(name) ? 1 : 0)
  const others = nodes
    .filter(({ metadata, spec }) => metadata.name !== node && spec?.podCIDR !== undefined && spec.podCIDR !== '')
    .map(({ metadata, spec, status }) => {
      const text = spec?.podCIDR ?? ''
      return { name: metadata.name, text, cidr: parseCidr(text), addresses: internalAddressesOf(status) }
    })
    // The narrowest first: one that spans the others' is the one that is wrong.
    .sort((a, b) => (b.cidr?.bits ?? 0) - (a.cidr?.bits ?? 0) || late(a.name) - late(b.name) || (a.name < b.name ? -1 : 1))
  for (const { name, text, cidr, addresses } of others) {
    if (cidr === undefined || cluster === undefined || !contains(cluster, cidr)) {
      unreachable.push({ node: name, podCidr: text, address: addresses[0], problem: `is not a network inside of ${clusterCidr}` })
      continue
    }
    if (taken.some((each) => overlap(each, cidr))) {
      unreachable.push({ node: name, podCidr: text, address: addresses[0], problem: 'has addresses that another node was given' })
      continue
    }
    taken.push(cidr)
    const podCidr = formatCidr(cidr)
    const gateway = addresses.find((address) => isOnLink(address, localAddresses))
    if (gateway !== undefined) routes.push({ dst: podCidr, gateway })
    // One without an address has just joined and has not told it yet.
    else if (addresses.length > 0) unreachable.push({ node: name, podCidr, address: addresses[0] })
  }
  // A program of this node that calls a ClusterIP is routed once before its packet is translated: a board that has no default
  // route would fail there. Where the route leads does not matter, only that there is one, and with which source.
  const ownAddress = internalAddressesOf(own?.status)[0]
  if (serviceCidr !== undefined && ownAddress !== undefined && localAddresses.some(({ address }) => address === ownAddress))
    routes.push({ dst: serviceCidr, dev: 'lo', prefsrc: ownAddress })
  return { routes, unreachable }
}

const internalAddressesOf = (status: Node['status']): readonly string[] =>
  (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address)

const isOnLink = (address: string, localAddresses: readonly LocalAddress[]): boolean => {
  const number = parseIpv4(address)
  return (
    number !== undefined &&
    localAddresses.every((local) => local.address !== address) &&
    localAddresses.some((local) => local.prefix < 32 && lies(number, parseCidr(`${local.address}/${local.prefix}`)))
  )
}

const lies = (inner: Cidr | number | undefined, outer: Cidr | undefined): boolean =>
  inner !== undefined && outer !== undefined && contains(outer, inner)

export type RouteChange = { readonly verb: 'replace' | 'del'; readonly route: Route }

/** What makes `wanted` of `seen`; only routes inside our networks are ours, as two clusters may share a machine. */
export function routeChanges(wanted: readonly Route[], seen: readonly Route[], ours: readonly string[]): readonly RouteChange[] {
  const wantedByDst = new Map(wanted.map((route) => [route.dst, route]))
  const seenByDst = new Map(seen.map((route) => [route.dst, route]))
  return [
    ...seen
      .filter(({ dst }) => !wantedByDst.has(dst) && ours.some((cidr) => lies(parseCidr(dst), parseCidr(cidr))))
      .map((route): RouteChange => ({ verb: 'del', route })),
    ...wanted.filter((route) => !isSame(route, seenByDst.get(route.dst))).map((route): RouteChange => ({ verb: 'replace', route })),
  ]
}

const isSame = (wanted: Route, seen: Route | undefined): boolean =>
  seen !== undefined &&
  wanted.gateway === seen.gateway &&
  (wanted.dev === undefined || wanted.dev === seen.dev) &&
  (wanted.prefsrc === undefined || wanted.prefsrc === seen.prefsrc)

/** The arguments for `ip`. */
export const routeArguments = ({ verb, route }: RouteChange): readonly string[] => [
  'route',
  verb,
  route.dst,
  ...(route.gateway === undefined ? [] : ['via', route.gateway]),
  ...(route.dev === undefined || verb === 'del' ? [] : ['dev', route.dev]),
  ...(route.prefsrc === undefined || verb === 'del' ? [] : ['src', route.prefsrc]),
  'proto',
  String(routeProtocol),
]
