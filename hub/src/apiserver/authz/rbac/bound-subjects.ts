import type { RoleRef, Subject } from '@bramble/shared/types/rbac.ts'
import { BySubject, type SubjectKey } from './by-subject.ts'

/** A binding without those whom it names; of the whole cluster: its namespace is an empty text. */
export type Binding = { readonly name: string; readonly namespace: string; readonly roleRef: RoleRef }
/** A binding, and as whom it names somebody. */
export type Bound = { readonly binding: Binding; readonly subject: SubjectKey }

/**
 * Whom bindings name, in the order in which they were made. Of a subject no more is kept than its name and a reference for each of its bindings,
 * so that all of it is about as large as the text of the bindings.
 */
export class BoundSubjects {
  /** Nearly everybody has one, and no list for it. */
  readonly #bindings = new BySubject<Binding | Binding[]>()

  add(binding: Binding, subjects: readonly Subject[]): void {
    for (const subject of subjects) {
      const key = keyOf(subject, binding.namespace)
      if (key === undefined) continue
      const known = this.#bindings.get(key)
      if (known === undefined) this.#bindings.set(key, binding)
      else if (!Array.isArray(known)) {
        if (known !== binding) this.#bindings.set(key, [known, binding])
      } else if (known.at(-1) !== binding) known.push(binding)
    }
  }

  /** The subjects with which it was added. */
  remove(binding: Binding, subjects: readonly Subject[]): void {
    for (const subject of subjects) {
      const key = keyOf(subject, binding.namespace)
      const known = key && this.#bindings.get(key)
      if (key === undefined || known === undefined) continue
      const left = [known].flat().filter((one) => one !== binding)
      const [only] = left
      if (only === undefined) this.#bindings.delete(key)
      else this.#bindings.set(key, left.length === 1 ? only : left)
    }
  }

  of(subject: SubjectKey): readonly Bound[] {
    const known = this.#bindings.get(subject)
    return known === undefined ? [] : [known].flat().map((binding) => ({ binding, subject }))
  }
}

const accountPrefix = 'system:serviceaccount:'

/** As what a binding may name a user: an account's user also as that account. */
export const namesOf = (scope: string, user: string): readonly SubjectKey[] => [
  { scope, kind: 'User', name: user },
  ...(user.startsWith(accountPrefix) ? [{ scope, kind: 'ServiceAccount', name: user.slice(accountPrefix.length) } as const] : []),
]

/** An account without a namespace is of that of its binding. */
function keyOf({ kind, name, namespace = '' }: Subject, scope: string): SubjectKey | undefined {
  if (kind === 'User' || kind === 'Group') return { scope, kind, name }
  const of = namespace === '' ? scope : namespace
  return kind === 'ServiceAccount' && of !== '' ? { scope, kind, name: `${of}:${name}` } : undefined
}
