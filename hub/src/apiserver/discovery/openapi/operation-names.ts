import { groupVersionPath } from '@bramble/shared/api/path.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Described } from './described-route.ts'

export const collectionOf = (kind: Described): string =>
  `${groupVersionPath(kind)}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}`

/** How an operation with one object, or a part of it, is called: `readCoreV1NamespacedPodLog`. */
export const operationIds =
  (kind: Described, suffix = '') =>
  (verb: string): string =>
    `${verb}${idOf(kind)}${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${suffix}`

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `CoreV1`, `AppsV1`, `DiscoveryV1`, `HouseExampleComV1` */
export const idOf = ({ group, version, node }: Described): string =>
  (node.tag === 'object' && node.plain ? group.split('.') : groupWords(group)).map(capital).join('') + capital(version)

/** `core_v1`, `apps_v1`, `houseExampleCom_v1` */
export function tagOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  const [first = '', ...others] = groupWords(group)
  return `${first}${others.map(capital).join('')}_${version}`
}

/** Kubernetes' own groups are known by their first word, all others by their whole name. */
const groupWords = (group: string): readonly string[] =>
  group === '' ? ['core'] : group.endsWith('.k8s.io') ? group.split('.').slice(0, 1) : group.split('.')
