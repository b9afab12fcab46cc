/** As it stands in a binding. An account is `namespace:name`, and is also found as the user that it asks as. */
export type SubjectKind = 'User' | 'Group' | 'ServiceAccount'
/** Scope: the namespace of a binding, or an empty text. */
export type SubjectKey = { readonly scope: string; readonly kind: SubjectKind; readonly name: string }

/** Values by subject and scope. Neither keeps nor makes a text of its own: there may be hundreds of thousands, and each request looks for several. */
export class BySubject<T> {
  readonly #scopes = new Map<string, Readonly<Record<SubjectKind, Map<string, T>>>>()

  get({ scope, kind, name }: SubjectKey): T | undefined {
    return this.#scopes.get(scope)?.[kind].get(name)
  }

  set({ scope, kind, name }: SubjectKey, value: T): void {
    let ofScope = this.#scopes.get(scope)
    if (ofScope === undefined) this.#scopes.set(scope, (ofScope = { User: new Map(), Group: new Map(), ServiceAccount: new Map() }))
    ofScope[kind].set(name, value)
  }

  delete({ scope, kind, name }: SubjectKey): void {
    const ofScope = this.#scopes.get(scope)
    if (ofScope?.[kind].delete(name) !== true) return
    if (Object.values(ofScope).every(({ size }) => size === 0)) this.#scopes.delete(scope)
  }

  clear(): void {
    this.#scopes.clear()
  }
}
