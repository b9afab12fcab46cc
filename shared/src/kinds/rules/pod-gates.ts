import { type FieldError, fieldDuplicate, fieldInvalid } from '../../api/api-error.ts'
import { checkDnsLabel, checkQualifiedName } from '../../meta/names.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { checked, duplicatesOf, requiredAndChecked } from './field-errors.ts'

/** What a pod waits for before it is placed, and before it is ready; and the devices that it is given. */
export function validateGates({ readinessGates = [], schedulingGates = [], resourceClaims = [] }: PodSpec, field: string): FieldError[] {
  const gates = schedulingGates.map(({ name }) => name)
  const claims = resourceClaims.map(({ name }) => name)
  return [
    ...readinessGates.flatMap(({ conditionType }, i) =>
      checked(`${field}.readinessGates[${i}].conditionType`, conditionType, checkQualifiedName),
    ),
    ...gates.flatMap((name, i) => checked(`${field}.schedulingGates[${i}]`, name, checkQualifiedName)),
    ...duplicatesOf(gates).map((i) => fieldDuplicate(`${field}.schedulingGates[${i}]`, gates[i])),
    ...resourceClaims.flatMap((claim, i) => [
      ...requiredAndChecked(`${field}.resourceClaims[${i}].name`, claim.name, checkDnsLabel),
      ...((claim.resourceClaimName === undefined) === (claim.resourceClaimTemplateName === undefined)
        ? [
            fieldInvalid(
              `${field}.resourceClaims[${i}]`,
              claim,
              claim.resourceClaimName === undefined
                ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
                : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
            ),
          ]
        : []),
    ]),
    ...duplicatesOf(claims).map((i) => fieldDuplicate(`${field}.resourceClaims[${i}].name`, claims[i])),
  ]
}
