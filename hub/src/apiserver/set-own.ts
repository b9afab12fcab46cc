/** Assigns a key that a stranger chose: `__proto__` becomes a member like any other instead of the prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** The object's own member, never an inherited one such as `constructor`. */
export const ownValue = (target: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(target, key) ? target[key] : undefined
