import { ownValue } from '@bramble/shared/json/own.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '@bramble/shared/types/affinity.ts'

/** Terms are alternatives; within a term everything must hold. A term that asks nothing matches no node. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: NodeSelector, node: Node): boolean =>
  nodeSelectorTerms.some((term) => matchesTerm(term, node))

export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  return (
    matchExpressions.every((requirement) => holds(requirement, ownValue(metadata.labels, requirement.key))) &&
    matchFields.every((requirement) => requirement.key === 'metadata.name' && holds(requirement, metadata.name))
  )
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return compare(value, values[0], (a, b) => a > b)
    case 'Lt':
      return compare(value, values[0], (a, b) => a < b)
    default:
      return operator satisfies never
  }
}

const compare = (value: string | undefined, bound: string | undefined, how: (a: number, b: number) => boolean) =>
  value !== undefined && bound !== undefined && /^-?\d+$/.test(value) && /^-?\d+$/.test(bound) && how(Number(value), Number(bound))
