import { createHash } from 'node:crypto'
import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import { newestFirst } from '@bramble/shared/schema/api-version.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { derived } from '@bramble/shared/schema/kind-set.ts'
import { negotiate, parseAccept } from '../answers/negotiate.ts'
import type { RemoteGroup, RemoteGroups } from '../aggregation/remote-groups.ts'
import type { PathRoute, Route } from '../routes/route.ts'
import type { Routes } from '../routes/routes.ts'
import type { Group, GroupVersionKind, ServedResource, ServedVersion } from './group.ts'
import { withRemote } from './with-remote.ts'

/** Tells clients which groups, versions and resources there are: the plain documents, and the aggregated ones that need one request a root. */
export function createDiscovery(routes: Pick<Routes, 'all'>, remote: Pick<RemoteGroups, 'all'> = { all: () => none }) {
  const ofRoutes = derived(routes, (all) => groupsOf(resourcesOf(all)))
  let last: readonly [readonly Group[], readonly RemoteGroup[]] = [[], none]
  const all = () => {
    const [own, others] = [ofRoutes(), remote.all()]
    if (last[0] !== own || last[1] !== others) last = [own, others]
    return last
  }
  const served = derived({ all }, ([own, others]) => discoveryOf(withRemote(own, others)))
  return {
    at: /^\/apis?(\/|$)/,
    anyMethodAt: /^\/apis(\/[^/]*)?\/?$/,
    answer: (request: ApiRequest) => served()(request),
  } satisfies PathRoute
}

const none: readonly never[] = []

function discoveryOf(groups: readonly Group[]): (request: ApiRequest) => ApiResponse | undefined {
  const core = groups.filter(({ name }) => name === '')
  const named = groups.filter(({ name }) => name !== '')

  // Every client asks these first, so each is put into text once, when it is first asked for.
  const texts = new Map<string, Document>()
  const document = (key: string, make: () => object): Document => {
    let known = texts.get(key)
    if (known === undefined) texts.set(key, (known = documentOf(make())))
    return known
  }

  const plainOf = (path: string): (() => object) | undefined => {
    if (path === '/api') return () => apiVersions(core)
    if (path === '/apis') return () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(apiGroup) })
    const [, root, name = '', version] = path.split('/')
    if (root === 'api') {
      const found = core.flatMap(({ versions }) => versions).find((candidate) => candidate.version === name)
      return found && version === undefined ? () => resourceList('', found) : undefined
    }
    if (root !== 'apis') return undefined
    const group = named.find((candidate) => candidate.name === name)
    if (group === undefined) return undefined
    if (version === undefined) return () => ({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) })
    const found = group.versions.find((candidate) => candidate.version === version)
    return found && (() => resourceList(name, found))
  }

  return ({ path, headers }): ApiResponse | undefined => {
    const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
    if (trimmed.split('/').length > 4) return undefined
    const isRoot = trimmed === '/api' || trimmed === '/apis'
    const aggregated = isRoot ? aggregatedVersion(headers['accept']) : undefined
    if (aggregated !== undefined) {
      const { text, etag } = document(`${trimmed} ${aggregated}`, () => aggregate(trimmed === '/api' ? core : named, aggregated))
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`
      const isKnown = headers['if-none-match']?.split(',').some((tag) => tag.trim() === etag) === true
      return {
        type: 'raw',
        status: isKnown ? 304 : 200,
        contentType,
        raw: isKnown ? '' : text,
        headers: { etag, vary: 'Accept', 'cache-control': 'no-cache, private' },
      }
    }
    const make = plainOf(trimmed)
    if (make === undefined) return undefined
    negotiate(headers['accept'], 'plain')
    return { type: 'raw', status: 200, contentType: 'application/json', raw: document(trimmed, make).text, headers: { vary: 'Accept' } }
  }
}

type Document = { readonly text: string; readonly etag: string }

function documentOf(value: object): Document {
  const text = JSON.stringify(value)
  return { text, etag: `"${createHash('sha256').update(text).digest('hex')}"` }
}

/** The resources with their subresources; what a route can do, discovery lists. */
function resourcesOf(routes: readonly Route[]): readonly ServedResource[] {
  const parts = new Map<string, Route[]>()
  for (const route of routes) if (route.subresource !== undefined) parts.set(nameOf(route), [...(parts.get(nameOf(route)) ?? []), route])
  return routes.flatMap((route) => {
    const { group, version, resource, namespaced, names, speaks } = route
    if (names === undefined) return []
    const subresources = (parts.get(nameOf(route)) ?? [])
      .map((part) => ({ name: part.subresource ?? '', responseKind: kindOf(part), verbs: verbsOf(part) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    const storageVersionHash = storageVersionHashOf(route)
    return [{ group, version, kind: speaks.kind, resource, namespaced, ...names, verbs: verbsOf(route), storageVersionHash, subresources }]
  })
}

/** As Kubernetes makes it, of the form that is written whatever version is asked for. */
function storageVersionHashOf({ kind, actions }: Route): string | undefined {
  if (kind === undefined || !actions.has('create')) return undefined
  const { group = kind.group, version = kind.version } = kind.storage ?? {}
  return createHash('sha256').update(`${group}/${version}/${kind.kind}`).digest().subarray(0, 8).toString('base64')
}

const nameOf = ({ group, version, resource }: Route): string => `${group}/${version}/${resource}`
const verbsOf = ({ actions }: Route): readonly string[] => [...actions.keys()].sort()
const kindOf = ({ speaks: { group, version, kind } }: Route): GroupVersionKind => ({ group, version, kind })

/** Core first, then apps, then by name: where two groups have one resource name, clients take the first. */
function groupsOf(resources: readonly ServedResource[]): readonly Group[] {
  const rank = (name: string) => (name === '' ? 0 : name === 'apps' ? 1 : 2)
  return [...new Set(resources.map(({ group }) => group))]
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => {
      const own = resources.filter(({ group }) => group === name)
      const versions = [...new Set(own.map(({ version }) => version))].sort(newestFirst)
      return {
        name,
        versions: versions.map((version) => ({
          version,
          resources: own.filter((resource) => resource.version === version).sort((a, b) => (a.resource < b.resource ? -1 : 1)),
        })),
      }
    })
}

const apiVersions = (core: readonly Group[]) => ({
  kind: 'APIVersions',
  versions: core.flatMap(({ versions }) => versions.map(({ version }) => version)),
  serverAddressByClientCIDRs: [],
})

function apiGroup({ name, versions }: Group) {
  const served = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: served, preferredVersion: served[0] }
}

const resourceList = (group: string, { version, resources }: ServedVersion) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: apiVersionOf({ group, version }),
  resources: resources.flatMap((resource) => [
    {
      name: resource.resource,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: resource.verbs,
      ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
      ...(resource.categories.length > 0 && { categories: resource.categories }),
      ...(resource.storageVersionHash !== undefined && { storageVersionHash: resource.storageVersionHash }),
    },
    ...resource.subresources.map(({ name, responseKind, verbs }) => ({
      name: `${resource.resource}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      // Only a kind from elsewhere says from where.
      ...((responseKind.group !== group || responseKind.version !== version) && {
        group: responseKind.group,
        version: responseKind.version,
      }),
      kind: responseKind.kind,
      verbs,
    })),
  ]),
})

type AggregatedVersion = 'v2' | 'v2beta1'

/** The aggregated form a client asks for before it asks for the plain one. */
function aggregatedVersion(accept: string | undefined): AggregatedVersion | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    if (!parameters.has('as')) return undefined
    const version = parameters.get('v')
    const isAggregated = parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('as') === 'APIGroupDiscoveryList'
    if (isAggregated && (version === 'v2' || version === 'v2beta1')) return version
  }
  return undefined
}

const aggregate = (groups: readonly Group[], version: AggregatedVersion) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map(({ name, versions }) => ({
    metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
    versions: versions.map(({ version: served, resources, isStale = false }) => ({
      version: served,
      resources: resources.map((resource) => ({
        resource: resource.resource,
        responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singular,
        verbs: resource.verbs,
        ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
        ...(resource.categories.length > 0 && { categories: resource.categories }),
        ...(resource.subresources.length > 0 && {
          subresources: resource.subresources.map(({ name: subresource, responseKind, verbs }) => ({ subresource, responseKind, verbs })),
        }),
      })),
      freshness: isStale ? 'Stale' : 'Current',
    })),
  })),
})
