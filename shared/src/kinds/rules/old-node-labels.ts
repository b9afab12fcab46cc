import type { NodeSelectorTerm } from '../../types/affinity.ts'

/** Labels of nodes that have another name by now. */
const newNames: ReadonlyMap<string, readonly [since: string, name: string]> = new Map([
  ['beta.kubernetes.io/arch', ['v1.14', 'kubernetes.io/arch']],
  ['beta.kubernetes.io/os', ['v1.14', 'kubernetes.io/os']],
  ['failure-domain.beta.kubernetes.io/region', ['v1.17', 'topology.kubernetes.io/region']],
  ['failure-domain.beta.kubernetes.io/zone', ['v1.17', 'topology.kubernetes.io/zone']],
  ['beta.kubernetes.io/instance-type', ['v1.17', 'node.kubernetes.io/instance-type']],
])

export function nodeLabelWarning(key: string): string | undefined {
  const found = newNames.get(key)
  return found === undefined ? undefined : `deprecated since ${found[0]}; use ${JSON.stringify(found[1])} instead`
}

export function nodeTermWarnings(
  { matchExpressions = [] }: NodeSelectorTerm,
  path: string,
  warn: (path: string, text: string) => void,
): void {
  for (const [i, { key }] of matchExpressions.entries()) {
    const text = nodeLabelWarning(key)
    if (text !== undefined) warn(`${path}.matchExpressions[${i}].key`, `${key} is ${text}`)
  }
}
