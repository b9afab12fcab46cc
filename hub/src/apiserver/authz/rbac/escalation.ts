import type { User } from '@bramble/shared/api/api-request.ts'
import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import { missingFrom } from './covers.ts'
import type { RoleIndex } from './role-index.ts'

/** Why this user may not give away these rules in the namespace, or everywhere: what he does not have himself. Undefined when he has all of it. */
export function escalationOf(
  index: RoleIndex,
  { user, namespace, rules }: { readonly user: User; readonly namespace: string; readonly rules: readonly PolicyRule[] },
): string | undefined {
  const held = [...index.grantsOf(user, namespace)]
  const owned = held.flatMap(({ granted }) => granted.map(({ rule }) => rule))
  const missing = missingFrom(owned, rules)
  if (missing === undefined)
    return `its rules are more than can be compared with what user ${JSON.stringify(user.name)} has: give them away in several roles`
  if (missing.length === 0) return undefined
  const lines = [...new Set(compact(missing).map(textOf))].toSorted()
  const unresolved = [...new Set(held.flatMap((one) => one.missing))].map((text) => text.replace('role.', 'roles.'))
  const errors = unresolved.length === 0 ? '' : `; resolution errors: [${inOne(unresolved)}]`
  const who = `user ${JSON.stringify(user.name)} (groups=${quoted(user.groups)})`
  return `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${errors}`
}

const inOne = (all: readonly string[]): string => (all.length === 1 ? (all[0] ?? '') : `[${all.join(', ')}]`)

/** Pieces about the same resource are told as one, with all their verbs. */
function compact(pieces: readonly PolicyRule[]): readonly PolicyRule[] {
  const whole = new Map<string, PolicyRule>()
  for (const piece of pieces) {
    const { verbs, ...rest } = piece
    const key = piece.nonResourceURLs === undefined ? JSON.stringify(rest) : JSON.stringify(piece)
    const known = whole.get(key)
    if (known === undefined) whole.set(key, { ...piece, verbs: [...verbs] })
    else known.verbs.push(...verbs)
  }
  return [...whole.values()]
}

function textOf({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }: PolicyRule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const
  return `{${parts.flatMap(([name, texts]) => (texts.length === 0 ? [] : [`${name}:${quoted(texts)}`])).join(', ')}}`
}

/** As Go prints it. */
const quoted = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
