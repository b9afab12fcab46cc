import type { Node } from '@bramble/shared/kinds/node.ts'
import { contains } from './cidr.ts'

/** A route as `ip -j route` prints it and `ip route` takes it. */
export type Route = { readonly dst: string; readonly gateway?: string; readonly dev?: string; readonly prefsrc?: string }

/** Marks our routes for the kernel, so that we never touch another's (rtnetlink's numbers above 4 are for user space; 98 is taken by nobody in rt_protos). */
export const routeProtocol = 98

/** An address of this machine with the size of its subnet. */
export type LocalAddress = { readonly address: string; readonly prefix: number }

export type RoutesInput = {
  readonly node: string
  readonly nodes: readonly Node[]
  readonly clusterCidr: string
  readonly serviceCidr?: string
  readonly localAddresses: readonly LocalAddress[]
}

export type WantedRoutes = {
  readonly routes: readonly Route[]
  /** Nodes with no address in any subnet of ours: their pods are out of reach until there is a tunnel to them. */
  readonly unreachable: readonly { readonly node: string; readonly podCidr: string; readonly address: string | undefined }[]
}

/** To each other node's pods by that node's address. */
export function wantedRoutes({ node, nodes, clusterCidr, serviceCidr, localAddresses }: RoutesInput): WantedRoutes {
  const routes: Route[] = []
  const unreachable: WantedRoutes['unreachable'][number][] = []
  for (const { metadata, spec, status } of nodes) {
    const podCidr = spec?.podCIDR
    if (metadata.name === node || podCidr === undefined || podCidr === '' || !contains(clusterCidr, podCidr)) continue
    const addresses = (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
    const gateway = addresses.find((address) => isOnLink(address, localAddresses))
    if (gateway === undefined) unreachable.push({ node: metadata.name, podCidr, address: addresses[0] })
    else routes.push({ dst: podCidr, gateway })
  }
  // A program of this node that calls a ClusterIP is routed once before its packet is translated: a board that has no default
  // route would fail there. Where the route leads does not matter, only that there is one, and with which source.
  const ownAddress = nodes
    .find(({ metadata }) => metadata.name === node)
    ?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  if (serviceCidr !== undefined && ownAddress !== undefined && localAddresses.some(({ address }) => address === ownAddress))
    routes.push({ dst: serviceCidr, dev: 'lo', prefsrc: ownAddress })
  return { routes, unreachable }
}

const isOnLink = (address: string, localAddresses: readonly LocalAddress[]): boolean =>
  localAddresses.some((local) => local.address !== address && local.prefix < 32 && contains(`${local.address}/${local.prefix}`, address))

export type RouteChange = { readonly verb: 'replace' | 'del'; readonly route: Route }

/** What makes `wanted` of `seen`; only routes inside our networks are ours, as two clusters may share a machine. */
export function routeChanges(wanted: readonly Route[], seen: readonly Route[], ours: readonly string[]): readonly RouteChange[] {
  const wantedByDst = new Map(wanted.map((route) => [route.dst, route]))
  const seenByDst = new Map(seen.map((route) => [route.dst, route]))
  return [
    ...seen
      .filter(({ dst }) => !wantedByDst.has(dst) && ours.some((cidr) => contains(cidr, dst)))
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
