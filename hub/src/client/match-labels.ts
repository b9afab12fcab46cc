import type { LabelSelector } from '@bramble/shared/meta/label-selector.ts'

type Labels = Readonly<Record<string, string>> | undefined

/** True when every label that is asked for is there with that value; nothing asked for matches everything. */
export const hasLabels = (wanted: Readonly<Record<string, string>>, labels: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels?.[key] === value)

/** Kubernetes' rule: a selector that is absent matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false
  if (!hasLabels(selector.matchLabels ?? {}, labels)) return false
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        return operator satisfies never
    }
  })
}
