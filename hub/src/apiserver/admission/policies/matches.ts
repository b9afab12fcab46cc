import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { MatchResources } from '@bramble/shared/types/admission-matching.ts'
import type { Registry } from '../../objects/registry.ts'
import type { Question } from '../matching/question.ts'
import { nameMatches, versionMet } from '../matching/rules.ts'
import { namespaceIsSelected, objectIsSelected } from '../matching/selectors.ts'

export type MatchDeps = { readonly registry: Registry; readonly equivalentsOf: (kind: Kind) => readonly Kind[] }

/** The version of the resource in which a question meets what is asked of it; undefined: it does not. Throws where its namespace is gone. */
export function versionMatched(match: MatchResources, question: Question, { registry, equivalentsOf }: MatchDeps): Kind | undefined {
  const { kind, operation, subresource, name } = question
  const { resourceRules = [], excludeResourceRules = [], matchPolicy, objectSelector, namespaceSelector } = match
  if (!objectIsSelected(objectSelector, question)) return undefined
  const equivalents = matchPolicy === 'Exact' ? [] : equivalentsOf(kind)
  const met = (rules: typeof resourceRules) =>
    versionMet(rules, { target: { operation, subresource }, kind, equivalents }, (rule) => nameMatches(rule, name))
  if (excludeResourceRules.length > 0 && met(excludeResourceRules) !== undefined) return undefined
  const version = resourceRules.length === 0 ? kind : met(resourceRules)
  return version !== undefined && namespaceIsSelected(registry, namespaceSelector, question) ? version : undefined
}
