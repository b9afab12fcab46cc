import { readFileSync } from 'node:fs'
import { kinds } from '@bramble/shared/kinds.ts'
import { reasons } from '@bramble/shared/kinds/rules/not-acted-on-table.ts'
import { validateEphemeralContainers } from '@bramble/shared/kinds/rules/ephemeral-containers.ts'
import { unenforcedEphemeralIn, unenforcedIn, unservedEphemeralIn, unservedIn } from '@bramble/shared/kinds/rules/unserved.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { type ObjectNode, typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { exampleOf } from '../../hub/src/apiserver/testing/examples.ts'
import { type Place, pathText, placesOf } from '../conformance/api/places.ts'
import { withSample } from '../conformance/api/samples.ts'

const allVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** Kept for people and for programs that you install: in Kubernetes too nothing acts on these. */
const records: Readonly<Record<string, readonly string[]>> = {
  'v1 Node': ['spec.providerID', 'spec.externalID'],
  'v1 Service': ['spec.loadBalancerClass', 'spec.ports[].appProtocol'],
  'v1 ServiceAccount': ['secrets'],
  'v1 PodTemplate': ['template'],
  'apps/v1 ControllerRevision': ['data', 'revision'],
  'networking.k8s.io/v1 Ingress': ['spec'],
  'networking.k8s.io/v1 IngressClass': ['spec'],
  'coordination.k8s.io/v1 Lease': ['spec'],
  'certificates.k8s.io/v1 CertificateSigningRequest': ['spec'],
}

/** What of a pod is refused although it is well formed, or taken with a warning, by the field that is named. */
export function askedInVain(kind: Kind): { readonly refused: ReadonlyMap<string, string>; readonly warned: ReadonlyMap<string, string> } {
  const refused = new Map<string, string>()
  const warned = new Map<string, string>()
  if (kind !== (pods as Kind)) return { refused, warned }
  for (const place of placesOf(kind.node)) {
    if (place.path[0] !== 'spec') continue
    const { object } = withSample(exampleOf(kind, 'a'), place, kind.node as ObjectNode) // as the node of every kind
    const parsed = kind.parse(object)
    if (!parsed.ok) continue
    const pod = parsed.object as Pod // it is one
    const looking = [...(pod.spec.ephemeralContainers ?? []).keys()]
    const neverSet = validateEphemeralContainers(pod.spec, 'spec.ephemeralContainers').filter(({ message }) =>
      /cannot be set/.test(message),
    )
    for (const { field, message } of [...unservedIn(pod), ...looking.flatMap((at) => unservedEphemeralIn(pod.spec, at)), ...neverSet])
      refused.set(plain(field), message.replace(/^(?:.*is not served by this version|Forbidden): /, ''))
    for (const sentence of [...unenforcedIn(pod), ...looking.flatMap((at) => unenforcedEphemeralIn(pod.spec, at))]) {
      const [field = '', ...why] = sentence.split(': ')
      warned.set(plain(field), why.join(': '))
    }
  }
  return { refused, warned }
}

const plain = (field: string): string => field.replace(/\[\d+\]/g, '[]')

const within = (path: string, of: string): boolean => path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`)

/** Types that many kinds have are told once. */
const isToldElsewhere = ({ path }: Place): boolean =>
  (path[0] === 'metadata' && path.length > 1) || (path.includes('template') && path.lastIndexOf('template') < path.length - 1)

const list = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.map((word) => `\`${word}\``).join(', '))

function sectionOf(kind: Kind, acts: ReadonlyMap<string, string>): string {
  const name = `${apiVersionOf(kind)} ${kind.kind}`
  const why = reasons[name] ?? {}
  const { refused, warned } = askedInVain(kind)
  const paths = placesOf(kind.node)
    .filter((place) => !isToldElsewhere(place))
    .map(({ path }) => pathText(path))
    .filter((path) => path !== 'apiVersion' && path !== 'kind')
  const isRefused = (path: string) => [...refused.keys()].some((field) => within(path, field.replace(/\[[a-z-]+\]$/, '')))
  const isIdle = (path: string) =>
    path !== 'metadata' && Object.keys(why).some((field) => field === '' || within(path.replaceAll('[]', ''), field))
  const isReport = (path: string) => within(path, 'status')
  const isRecord = (path: string) => (records[name] ?? []).some((field) => within(path, field))
  const rest = paths.filter((path) => !isRefused(path) && !isReport(path) && !isRecord(path))
  const { subresources = {} } = kind
  const further = [
    ...(subresources.status === true ? ['status'] : []),
    ...(subresources.scale ? ['scale'] : []),
    ...(subresources.named ?? []),
  ]
  const lines = (title: string, some: readonly string[]) => (some.length === 0 ? [] : [`- ${title}: ${list(some)}`])
  return [
    `## ${name}`,
    '',
    `${kind.description} What acts on it: ${acts.get(name) ?? 'see above'}.`,
    '',
    `- \`${kind.resource}\`, ${kind.namespaced ? 'in a namespace' : 'of the cluster'}; short: ${list(kind.shortNames ?? [])}; categories: ${list(kind.categories ?? [])}`,
    `- verbs: ${(kind.verbs ?? allVerbs).join(', ')}; subresources: ${list(further)}`,
    `- columns: ${kind.columns.map((column) => column.name).join(', ')}; field selectors: ${list(['metadata.name', ...(kind.namespaced ? ['metadata.namespace'] : []), ...Object.keys(kind.selectableFields ?? {})])}`,
    ...lines(
      'acted on',
      rest.filter((path) => !isIdle(path)),
    ),
    ...lines(
      'a record that people and programs of yours read',
      paths.filter((path) => isRecord(path) && !isIdle(path)),
    ),
    ...lines(
      'kept, not acted on yet, and its sender is warned',
      paths.filter((path) => isIdle(path) && !isReport(path)),
    ),
    ...Object.entries(why).map(
      ([path, reason]) => `  - ${path === '' ? 'all of it' : `\`${path}\``}: ${typeof reason === 'string' ? reason : reason.why}`,
    ),
    ...lines('reports of whoever acts on it', paths.filter(isReport)),
    ...(warned.size === 0 ? [] : ['- taken, not acted on yet, and its sender is warned:']),
    ...[...warned].map(([field, message]) => `  - \`${field}\`: ${message}`),
    ...(refused.size === 0 ? [] : ['- refused by name:']),
    ...[...refused].map(([field, message]) => `  - \`${field}\`: ${message}`),
    '',
  ].join('\n')
}

/** `docs/kinds.md` says in words what acts on each kind. */
function actsOf(page: string): ReadonlyMap<string, string> {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| kind'))
  return new Map(
    rows.flatMap((row) => {
      const [names = '', what = ''] = row.slice(2).replace(/ \|$/, '').split(' | ')
      return names.split(', ').map((name) => [name, what] as const)
    }),
  )
}

/** The page about the API, made of the kinds themselves. */
export function apiPage(): string {
  const acts = actsOf(readFileSync(new URL('../../docs/kinds.md', import.meta.url), 'utf8'))
  const meta = placesOf(typeNodeOf(objectMeta)).map(({ path }) => pathText(path))
  return [
    '# The API, kind by kind',
    '',
    'Made by `npm run api-page`; a test holds it to the kinds. Nothing is taken and ignored in silence: what is not acted on yet is kept, served',
    'and told in a warning, what no node does is refused by its name, and a field that is not known is refused or warned of as `fieldValidation`',
    'says. `test/conformance/api` gives every field of every kind a value and looks for it in the answer.',
    '',
    `Every object has \`metadata\`: ${list(meta)}. Labels, names, owners, finalizers and \`managedFields\` are acted on, annotations are a record but`,
    'for those of Kubernetes; uid, revision, generation and times are given by the hub. A `template` has the fields of a v1 PodTemplate, and its',
    '`spec` those of a v1 Pod: what is refused there is a warning in a template.',
    '',
    ...kinds.map((kind) => sectionOf(kind, acts)),
  ].join('\n')
}
