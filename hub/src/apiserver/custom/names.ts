import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { CustomResourceDefinition, CustomResourceNames } from '@bramble/shared/types/custom-resource-definition.ts'

/** Words for a resource (plural, singular, short) and words for a kind (of one, of a list) are told from each other, in each group. */
export type Sort = 'resource' | 'kind'

/** Whether somebody else has this name in the group. */
export type IsTaken = (sort: Sort, name: string) => boolean

export const resourceNames = ({ plural, singular = '', shortNames = [] }: CustomResourceNames): readonly string[] => [
  plural,
  singular,
  ...shortNames,
]
export const kindNames = ({ kind, listKind = '' }: CustomResourceNames): readonly string[] => [kind, listKind]

/** The names of the kinds that are there anyway. */
export function builtInNames(kinds: readonly Kind[]): (group: string, sort: Sort, name: string) => boolean {
  const taken = new Set(
    kinds.flatMap(({ group, resource, singular, shortNames = [], kind }) => [
      ...[resource, singular, ...shortNames].map((name) => `${group} resource ${name}`),
      ...[kind, `${kind}List`].map((name) => `${group} kind ${name}`),
    ]),
  )
  return (group, sort, name) => taken.has(`${group} ${sort} ${name}`)
}

export type NamesDecision = {
  readonly accepted: CustomResourceNames
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

/** Which of its names a definition gets, in the words of Kubernetes: those that it has it keeps, others it gets if nobody else has them. */
export function decideNames({ spec, status }: CustomResourceDefinition, isTaken: IsTaken): NamesDecision {
  const wanted = spec.names
  const before = status?.acceptedNames ?? { plural: '', kind: '' }
  const accepted: CustomResourceNames = { ...before, ...(wanted.categories !== undefined && { categories: wanted.categories }) }
  if (wanted.categories === undefined) delete accepted.categories
  let refusal: { readonly reason: string; readonly message: string } | undefined
  const inUse = (names: readonly string[]) => names.map((name) => `${JSON.stringify(name)} is already in use`)
  const refuse = (what: string, names: readonly string[]) => {
    const told = inUse(names)
    refusal = { reason: `${what}Conflict`, message: told.length === 1 ? (told[0] ?? '') : `[${told.join(', ')}]` }
  }
  for (const [part, what, sort] of scalars) {
    const name = wanted[part] ?? ''
    if (isTaken(sort, name)) refuse(what, [name])
    else accepted[part] = name
  }
  const taken = (wanted.shortNames ?? []).filter((name) => isTaken('resource', name))
  if (taken.length > 0) refuse('ShortNames', taken)
  else if (wanted.shortNames === undefined) delete accepted.shortNames
  else accepted.shortNames = wanted.shortNames
  if (refusal !== undefined) return { accepted, status: 'False', ...refusal }
  return { accepted, status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
}

const scalars = [
  ['plural', 'Plural', 'resource'],
  ['singular', 'Singular', 'resource'],
  ['kind', 'Kind', 'kind'],
  ['listKind', 'ListKind', 'kind'],
] as const
