import { type FieldError, fieldForbidden } from '../../../api/api-error.ts'
import { type Declared, declaredSize, requestBytes } from '../../../cel/cost/declared.ts'
import { estimateCost } from '../../../cel/cost/estimate.ts'
import { plus, times } from '../../../cel/cost/size.ts'
import { celLimits } from '../../../cel/limits.ts'
import type { Program } from '../../../cel/program.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { RuleTree } from './rule-tree.ts'

/** Rules that could cost more than they may, by how often their schema lets them be asked, and all of them together. In Kubernetes' words. */
export function ruleCostErrors(tree: RuleTree, at: string): readonly FieldError[] {
  const costs = [...costsOf(tree, 1)]
  const total = costs.reduce((sum, { cost }) => plus(sum, cost), 0)
  return [
    ...costs.flatMap(({ field, what, cost }) =>
      cost > celLimits.perRule ? [exceeds(field, `estimated ${what} cost`, cost / celLimits.perRule)] : [],
    ),
    ...(total > celLimits.perSchema
      ? [...dearest(costs).map(contributes), exceeds(at, 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total / celLimits.perSchema)] // prettier-ignore
      : []),
  ]
}

type Cost = { readonly field: string; readonly what: 'rule' | 'messageExpression'; readonly cost: number }

/** `often`: how many there may be of what the schema is of; undefined: nothing bounds it but what a request may hold. */
function* costsOf({ schema, isWhole, rules, allOf, items, properties, additional }: RuleTree, often: number | undefined): Generator<Cost> {
  const inner = often === undefined ? undefined : within(schema, often)
  for (const part of allOf) yield* costsOf(part, often)
  for (const [, part] of properties) yield* costsOf(part, inner)
  for (const part of [items, additional]) if (part !== undefined) yield* costsOf(part, inner)
  const self = rules.length === 0 ? undefined : declaredSize(schema, isWhole)
  if (self === undefined) return
  for (const { at, program, message } of rules) {
    const cost = times(costOf(program, self), often ?? Math.floor(requestBytes / (self.minLength + 1)))
    yield { field: `${at}.rule`, what: 'rule', cost }
    if (message !== undefined) yield { field: `${at}.messageExpression`, what: 'messageExpression', cost: costOf(message, self) }
  }
}

const costOf = ({ expr, typings }: Program, self: Declared): number => estimateCost(expr, typings, self)

function within({ type, additionalProperties, maxProperties, maxItems }: JsonSchema, often: number): number | undefined {
  const isMap = type === 'object' && additionalProperties !== undefined
  if (!isMap && type !== 'array') return often
  const most = isMap ? maxProperties : maxItems
  return most === undefined ? undefined : times(often, Math.max(0, most))
}

/** The first four of those that are at least a hundredth of what all may cost. */
const dearest = (costs: readonly Cost[]): readonly Cost[] =>
  costs
    .filter(({ cost }) => cost >= celLimits.perSchema / 100)
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, 4)

const contributes = ({ field }: Cost): FieldError =>
  fieldForbidden(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')

function exceeds(field: string, what: string, factor: number): FieldError {
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
  const hint = 'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared'
  return fieldForbidden(field, `${what} exceeds budget by factor of ${shown} (${hint})`)
}
