import type { Taint, Toleration } from '@bramble/shared/types/taint.ts'

/** An empty key with Exists tolerates everything; an empty effect tolerates every effect. */
export function tolerates({ key = '', operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return key !== '' && value === (taint.value ?? '')
}

/** How long a taint is put up with, if at all; by several tolerations the shortest time that one of them says. */
export type Tolerated = { readonly seconds: number | undefined }

/**
 * Answers for each taint how it is tolerated, by what `tolerates` says. There may be thousands of both, also of one key or of none:
 * tolerations of the same are one, and a taint is looked up by the six ways in which one can mean it.
 */
export function tolerationsOf(tolerations: readonly Toleration[] | undefined): (taint: Taint) => Tolerated | undefined {
  const known = new Map<string, Tolerated>()
  for (const { key = '', operator = 'Equal', value = '', effect = '', tolerationSeconds } of tolerations ?? []) {
    if (key === '' && operator !== 'Exists') continue
    const name = nameOf(key, effect, operator === 'Exists' ? undefined : value)
    known.set(name, shorter(known.get(name), { seconds: tolerationSeconds === undefined ? undefined : Number(tolerationSeconds) }))
  }
  return ({ key, value = '', effect }) => {
    let found: Tolerated | undefined
    for (const [ofKey, ofValue] of [
      [key, undefined],
      [key, value],
      ['', undefined],
    ] as const)
      for (const ofEffect of [effect, '']) {
        const one = known.get(nameOf(ofKey, ofEffect, ofValue))
        if (one !== undefined) found = shorter(found, one)
      }
    return found
  }
}

const nameOf = (key: string, effect: string, value: string | undefined): string =>
  value === undefined ? `${key} ${effect}` : `${key} ${effect} ${value}`

const shorter = (a: Tolerated | undefined, b: Tolerated): Tolerated =>
  a?.seconds === undefined || (b.seconds !== undefined && b.seconds < a.seconds) ? { seconds: b.seconds ?? a?.seconds } : a

export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly Taint['effect'][],
): readonly Taint[] {
  const meant = (taints ?? []).filter(({ effect }) => effects.includes(effect))
  if (meant.length === 0) return meant
  const toleratedOf = tolerationsOf(tolerations)
  return meant.filter((taint) => toleratedOf(taint) === undefined)
}
