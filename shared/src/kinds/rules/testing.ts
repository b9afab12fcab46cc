import type { KubeObject } from '../../api/client.ts'
import type { Kind } from '../../schema/kind.ts'

function read<T extends KubeObject>(kind: Kind<T>, value: object): T {
  const parsed = kind.parse(value)
  if (!parsed.ok) throw parsed.error
  return parsed.object
}

const context = { now: () => new Date('2026-01-02T03:04:05Z'), random: () => 0.5 }

/** For tests: the object as a create would store it. */
export function created<T extends KubeObject>(kind: Kind<T>, input: object): T {
  const object = read(kind, {
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    ...input,
  })
  kind.setDefaults?.(object)
  kind.prepareForCreate?.(object, context)
  return object
}

/** For tests: what a create would be refused for, as `field: message`. */
export function refusals<T extends KubeObject>(kind: Kind<T>, input: object): string[] {
  const object = created(kind, input)
  const errors = [...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])]
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

/** For tests: the object after an update of its main resource. */
export function updated<T extends KubeObject>(kind: Kind<T>, previous: T, change: (object: T) => void): T {
  const next = structuredClone(previous)
  change(next)
  const parsed = read(kind, next)
  kind.setDefaults?.(parsed)
  kind.prepareForUpdate?.(parsed, previous, context)
  return parsed
}

/** For tests: what that update would be refused for. */
export function updateRefusals<T extends KubeObject>(kind: Kind<T>, previous: T, change: (object: T) => void): string[] {
  const next = updated(kind, previous, change)
  const errors = [...(kind.validate?.(next) ?? []), ...(kind.validateUpdate?.(next, previous) ?? [])]
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

/** For tests: the row of `kubectl get` (`-o wide` with `wide`), ages as their times. */
export const row = <T extends KubeObject>(kind: Kind<T>, object: T, { wide = false, now = new Date() } = {}): unknown[] =>
  kind.columns.filter(({ priority = 0 }) => wide || priority === 0).map(({ cell }) => cell(object, now))

/** For tests: a pod, and a container, about which nothing more is said than must be. */
export const someContainer = { name: 'app', image: 'busybox:1.36' }
export const somePod = (spec: object = {}, rest: object = {}) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [someContainer], ...spec },
  ...rest,
})
