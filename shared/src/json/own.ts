/**
 * Maps whose keys a user names are ordinary objects here, as JSON.parse makes them. Every object also inherits names: `constructor`,
 * `toString`, `__proto__`. Whoever reads or writes such a map by a key goes through these two.
 */

/** Assigns a key that a stranger chose: `__proto__` becomes a member like any other instead of the prototype. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** The object's own member, never an inherited one. What all objects inherit are functions and objects, so only those are looked up twice. */
export function ownValue<T>(target: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  const value = target?.[key]
  if (typeof value !== 'function' && typeof value !== 'object') return value
  return target !== undefined && Object.hasOwn(target, key) ? value : undefined
}
