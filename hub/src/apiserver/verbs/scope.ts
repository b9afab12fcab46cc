import type { FieldError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

/** A part of the spec that is changed through a subresource of its own, and whose rules are other ones there. */
export type Part = {
  /** What is stored with this part of the other; new, and whatever else that says is left. */
  with(previous: KubeObject, next: KubeObject): KubeObject
  /** Where it stands, as elements of field paths, `*` for any: whoever writes through it owns nothing else. */
  readonly paths: readonly (readonly string[])[]
  /** What a change of it is held to, in place of what a change of the whole is. */
  validate(next: KubeObject, previous: KubeObject): readonly FieldError[]
}

/** What part of the object a change may touch. `free` is the hub's own change, such as a binding, which no user could make. */
export type Scope = 'main' | 'status' | 'free' | Part

export const partIn = (scope: Scope): Part | undefined => (typeof scope === 'object' ? scope : undefined)
