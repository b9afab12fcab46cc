import type { ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import { pathOf } from '../resources.ts'
import { ownName, scopeIn } from './cache-image.ts'
import { NotKept } from './cache.ts'

/** What cannot be held, by scope, with its size: its writer tries again when there is room. */
export class Withheld {
  readonly #scopes = new Map<string, { readonly why: string; readonly bytes: number }>()

  add(scope: string, why: string, bytes = 0): NotKept {
    this.#scopes.set(scope, { why, bytes })
    return new NotKept(textOf(scope, why))
  }

  delete(scope: string): void {
    this.#scopes.delete(scope)
  }

  isEmpty(): boolean {
    return this.#scopes.size === 0
  }

  bytesOf(scope: string): number {
    return this.#scopes.get(scope)?.bytes ?? 0
  }

  /** Throws when one of these sources has the object and this node cannot hold it. */
  check(resource: Resource, key: ObjectKey, sources: readonly string[]): void {
    if (this.isEmpty()) return
    for (const source of sources) {
      const scope = scopeIn(source, pathOf(resource, key))
      const withheld = this.#scopes.get(scope)
      if (withheld !== undefined) throw new NotKept(textOf(scope, withheld.why))
    }
  }

  /** A sentence that names a few of them: it ends up in a condition. */
  problem(): string | undefined {
    const [first, ...others] = this.#scopes
    if (first === undefined) return undefined
    const more = others[0] === undefined ? '' : ` (and ${others.length} more, such as ${ownName(others[0][0])})`
    return `${textOf(first[0], first[1].why)}${more}: pods that name it wait`
  }
}

const textOf = (scope: string, why: string) => `${ownName(scope)} is not kept on this node: ${why}`
