import type { Taint, Toleration } from '@bramble/shared/types/taint.ts'

/** An empty key with Exists tolerates everything; an empty effect tolerates every effect. */
export function tolerates({ key = '', operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return key !== '' && value === (taint.value ?? '')
}

/** There may be thousands of either: each taint is compared with the tolerations of its key and of every key. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly Taint['effect'][],
): readonly Taint[] {
  const meant = (taints ?? []).filter(({ effect }) => effects.includes(effect))
  if (meant.length === 0) return meant
  const byKey = new Map<string, Toleration[]>()
  for (const toleration of tolerations ?? []) {
    const ofKey = byKey.get(toleration.key ?? '')
    if (ofKey === undefined) byKey.set(toleration.key ?? '', [toleration])
    else ofKey.push(toleration)
  }
  return meant.filter(
    (taint) => ![taint.key, ''].some((key) => byKey.get(key)?.some((toleration) => tolerates(toleration, taint)) === true),
  )
}
