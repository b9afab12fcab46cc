import type { Call } from './call.ts'
import type { Count, Metrics, Observed, RequestLabel } from './metrics.ts'
import type { RequestInfo, RequestVerb, ResourceRequest } from './query/request-info.ts'
import type { Match } from './routes/route.ts'

/** `sizes`: of answers to reads, and of the events of watches; what changes something has none. */
export type Series = {
  answered(status: number): Count
  took(): Observed
  readonly sizes?: () => Observed
}

/** Where requests are counted. Of those that lead to a route that is found once for each way to ask, as the text of its labels is long. */
export function createSeries({ requests, seconds, responseSizes, watchEventSizes }: Metrics) {
  const ofRoutes = new WeakMap<object, Map<string, Series>>()
  const create = (labels: Readonly<Record<RequestLabel, string>>): Series => {
    const byStatus = new Map<number, Count>()
    let observed: Observed | undefined
    let sized: Observed | undefined
    const { dry_run: _dry, ...ofReads } = labels
    const { verb, group, version, resource } = labels
    const sizes =
      resource === '' || resource === 'other'
        ? undefined
        : verb === 'GET' || verb === 'LIST'
          ? () => (sized ??= responseSizes.of(ofReads))
          : verb === 'WATCH'
            ? () => (sized ??= watchEventSizes.of({ group, version, resource }))
            : undefined
    return {
      ...(sizes !== undefined && { sizes }),
      answered(status) {
        let one = byStatus.get(status)
        if (one === undefined) byStatus.set(status, (one = requests.of({ ...labels, code: String(status) })))
        return one
      },
      took: () => (observed ??= seconds.of(labels)),
    }
  }
  return (info: RequestInfo, match: Match, isDry: boolean): Series => {
    if (info.type === 'path' || match.type !== 'action') return create(labelsOf(info, match, isDry))
    let known = ofRoutes.get(match.route)
    if (known === undefined) ofRoutes.set(match.route, (known = new Map()))
    const way = `${info.verb} ${isDry} ${info.name !== undefined} ${info.namespace !== undefined}`
    let one = known.get(way)
    if (one === undefined) known.set(way, (one = create(labelsOf(info, match, isDry))))
    return one
  }
}

/** Names that nobody serves must not become labels: anybody can think of more of them. */
function labelsOf(info: RequestInfo, match: Match, isDry: boolean): Readonly<Record<RequestLabel, string>> {
  const component = 'apiserver'
  const dry_run = isDry ? 'All' : ''
  const nothing = { dry_run, group: '', version: '', subresource: '', scope: '', component }
  if (info.type === 'path') return { verb: info.verb.toUpperCase(), resource: '', ...nothing }
  const verb = methodWords[info.verb]
  if (match.type === 'path' || match.type === 'remote' || match.route === undefined) return { verb, resource: 'other', ...nothing }
  const { group, version, resource, subresource = '', namespaced } = match.route
  return { verb, dry_run, resource, group, version, subresource, scope: scopeOf(info, namespaced), component }
}

const scopeOf = ({ name, namespace }: ResourceRequest, namespaced: boolean): string =>
  name !== undefined ? 'resource' : namespaced && namespace !== undefined ? 'namespace' : 'cluster'

/** What goes on for as long as its caller likes, as it is counted while it does. */
export function longRunning({ api: { metrics }, info, kind }: Pick<Call, 'api' | 'info' | 'kind'>): Count {
  const { group, version, resource, namespaced } = kind
  const { verb, subresource = '' } = info
  const scope = scopeOf(info, namespaced)
  return metrics.longRunning.of({ verb: methodWords[verb], group, version, resource, subresource, scope, component: 'apiserver' })
}

const methodWords: Readonly<Record<RequestVerb, string>> = {
  ...{ get: 'GET', list: 'LIST', watch: 'WATCH', create: 'POST', update: 'PUT', patch: 'PATCH' },
  ...{ delete: 'DELETE', deletecollection: 'DELETECOLLECTION' },
}
