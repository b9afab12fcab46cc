/** The label that tells the pods of one revision of a Deployment from those of another. */
export const podTemplateHashLabel = 'pod-template-hash'

/** Letters and digits that form no words and are not mistaken for each other. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * A short name for a pod template: the same for equal templates whatever the order of their keys. `collisionCount` gives a
 * different one when two templates happen to share it.
 */
export function podTemplateHash(template: unknown, collisionCount = 0): string {
  const text = canonicalJson(template) + (collisionCount > 0 ? `#${collisionCount}` : '')
  // FNV-1a, 32 bits
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => alphabet.charAt(digit.charCodeAt(0) % alphabet.length)).join('')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
