import { isConditionTrue } from '@bramble/shared/meta/conditions.ts'
import { withCondition } from '@bramble/shared/kinds/custom-resource-definition.ts'
import { approvalOf } from '@bramble/shared/kinds/rules/api-approval.ts'
import type { CustomResourceDefinition } from '@bramble/shared/types/custom-resource-definition.ts'
import { decideNames, type IsTaken } from './names.ts'

/** What the hub knows of a definition beside what stands in it. */
export type Surroundings = {
  readonly isTaken: IsTaken
  /** Why it could not be served, whatever names it has. */
  readonly whyNot: (definition: CustomResourceDefinition) => string | undefined
  /** What was found wrong with a schema of it that an older hub took. */
  readonly schemaProblem: string | undefined
  readonly now: string
}

/**
 * Says in a definition what has become of it: its names, and whether it is served. It is settled with the write that stores it, so whoever
 * has created one finds it established in the answer, and its objects can be created.
 */
export function settle(definition: CustomResourceDefinition, { isTaken, whyNot, schemaProblem, now }: Surroundings): void {
  const status = (definition.status ??= {})
  const { accepted, ...names } = decideNames(definition, isTaken)
  status.acceptedNames = accepted
  const why = names.status === 'True' ? whyNot(definition) : undefined
  const set = (type: string, condition: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }) => {
    status.conditions = withCondition(status.conditions, { type, ...condition }, now)
  }
  set('NamesAccepted', why === undefined ? names : { status: 'False', reason: 'NotServed', message: why })
  const isAccepted = names.status === 'True' && why === undefined
  if (!isConditionTrue(status.conditions, 'Established'))
    set(
      'Established',
      isAccepted
        ? { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
        : { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    )
  if (schemaProblem !== undefined)
    set('NonStructuralSchema', { status: 'True', reason: 'Violations', message: schemaProblem.slice(0, 2000) })
  else if (status.conditions?.some(({ type }) => type === 'NonStructuralSchema') === true)
    status.conditions = status.conditions.filter(({ type }) => type !== 'NonStructuralSchema')
  const approval = approvalOf(definition)
  if (approval !== undefined) set('KubernetesAPIApprovalPolicyConformant', approval)
}
