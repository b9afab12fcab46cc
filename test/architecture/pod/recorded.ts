/** The object, of which every field that is read is told by its place: `spec.containers[].name`. Looking whether there is one counts as reading it. */
export function recorded<T extends object>(object: T, onRead: (place: string) => void, at = ''): T {
  const wrapped = new Map<object, object>()
  return new Proxy(object, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown
      // Written out as a whole it tells nobody's interest in a single field.
      if (key === 'toJSON') return () => target
      if (typeof key === 'symbol') return value
      const isItem = Array.isArray(target) && /^\d+$/.test(key)
      if (Array.isArray(target) && !isItem) return value
      const place = isItem ? `${at}[]` : at === '' ? key : `${at}.${key}`
      if (!isItem) onRead(place)
      if (typeof value !== 'object' || value === null) return value
      const known = wrapped.get(value) ?? recorded(value, onRead, place)
      wrapped.set(value, known)
      return known
    },
  })
}
