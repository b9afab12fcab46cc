import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { EphemeralContainer } from '@bramble/shared/types/ephemeral-container.ts'
import type { PodSpec } from '@bramble/shared/types/pod-spec.ts'

/** What a check may look at: as much of a pod as a template has too. */
export type Checked = {
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: PodSpec
  /** All of them, in the order in which Kubernetes names them. */
  readonly containers: readonly (Container | EphemeralContainer)[]
  /** Of which release the standard is asked for: 24 of `v1.24`; Infinity of `latest`. */
  readonly minor: number
}

/** `reason` names the rule, `detail` what breaks it: `host namespaces (hostNetwork=true)`. */
export type Violation = { readonly reason: string; readonly detail: string }

/** One control of the Pod Security Standards. */
export type Check = {
  readonly id: string
  readonly level: 'baseline' | 'restricted'
  /** The minor release in which it came. */
  readonly since?: number
  /** A check of `baseline` that says nothing where this one speaks. */
  readonly instead?: string
  readonly check: (pod: Checked) => Violation | undefined
}

export const checkedOf = (annotations: Checked['annotations'] = {}, spec: PodSpec, minor: number): Checked => ({
  annotations,
  spec,
  containers: containersOf(spec),
  minor,
})

export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many)

export const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

/** Without doubles, in the order of their bytes. */
export const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1))

/** `container "a"`, `containers "a", "b"` */
export const containersNamed = (names: readonly string[]): string => `${plural('container', 'containers', names.length)} ${quoted(names)}`

/** `pod and container "a"`: who says something itself; nothing when nobody does. */
export const whoSays = (isPod: boolean, containers: readonly string[]): string | undefined => {
  const who = [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [containersNamed(containers)] : [])]
  return who.length === 0 ? undefined : who.join(' and ')
}

export const namesOf = (containers: readonly { readonly name: string }[]): string[] => containers.map(({ name }) => name)

/** A pod with users of its own: what it does as root it does as nobody of the node. Since 1.35. */
export const hasOwnUsers = ({ spec, minor }: Checked): boolean => minor >= 35 && spec.hostUsers === false

/** Of another system: what holds a Linux process is nothing to it. Since 1.25. */
export const isWindows = ({ spec, minor }: Checked): boolean => minor >= 25 && spec.os?.name === 'windows'
