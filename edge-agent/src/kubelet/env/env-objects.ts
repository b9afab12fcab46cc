import { ownValue } from '@bramble/shared/json/own.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { ConfigMap } from '@bramble/shared/kinds/config-map.ts'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { Objects } from './env.ts'

// Linux gives a program's arguments and environment a quarter of its stack, which is 8 MiB: what is larger no container could start with.
const maxEnvBytes = 2 * 1024 * 1024

type Kind = 'configMap' | 'secret'
type Named = { readonly kind: Kind; readonly name: string; readonly optional?: boolean; readonly key?: string }

/** More than a container could be started with. */
export class EnvTooLarge extends Error {
  override readonly name = 'EnvTooLarge'
}

/**
 * What a container's environment takes of ConfigMaps and Secrets, as `Objects` that hold nothing else: each object is read once, however
 * many variables name it, and only one is whole in memory at a time.
 */
export async function envObjects(container: Container, objects: Objects): Promise<Objects> {
  const taken = new Map<string, ConfigMap | Secret>()
  let bytes = 0
  for (const named of byObject(namedBy(container)).values()) {
    const [{ kind, name }] = named
    if (isTurnOver()) await nextTurn()
    for (const { optional } of named) objects.has(kind, name, { optional }) // throws where one may not do without it yet
    const object = kind === 'configMap' ? objects.configMap(name) : objects.secret(name)
    if (object === undefined) continue
    const keys = named.some(({ key }) => key === undefined) ? Object.keys(object.data ?? {}) : named.map(({ key = '' }) => key)
    const data: Record<string, string> = Object.create(null) as Record<string, string> // a key may be called __proto__
    for (const key of keys) {
      const value = ownValue(object.data, key)
      if (value === undefined) continue
      if (!(key in data)) bytes += key.length + value.length
      data[key] = value
    }
    taken.set(`${kind}/${name}`, { ...object, data, ...('binaryData' in object && { binaryData: undefined }) } as ConfigMap | Secret) // the same kind, with less in it
    if (bytes > maxEnvBytes)
      throw new EnvTooLarge(
        `the environment of container ${container.name} takes more than ${maxEnvBytes / 1024 / 1024} MiB from ConfigMaps and Secrets (${kind} "${name}" among them), with which Linux starts no program: mount them as a volume`,
      )
  }
  const find =
    <T>(kind: Kind) =>
    (name: string): T | undefined =>
      taken.get(`${kind}/${name}`) as T | undefined // put there under its own kind
  return {
    services: () => objects.services(),
    has: (kind, name) => taken.has(`${kind}/${name}`),
    configMap: find<ConfigMap>('configMap'),
    secret: find<Secret>('secret'),
  }
}

/** Every ConfigMap and Secret that the environment names; without a key all of it is taken. */
function namedBy({ env = [], envFrom = [] }: Container): readonly Named[] {
  return [
    ...envFrom.flatMap(({ configMapRef, secretRef }): Named[] =>
      configMapRef ? [named('configMap', configMapRef)] : secretRef ? [named('secret', secretRef)] : [],
    ),
    ...env.flatMap(({ valueFrom }): Named[] =>
      valueFrom?.configMapKeyRef
        ? [{ ...named('configMap', valueFrom.configMapKeyRef), key: valueFrom.configMapKeyRef.key }]
        : valueFrom?.secretKeyRef
          ? [{ ...named('secret', valueFrom.secretKeyRef), key: valueFrom.secretKeyRef.key }]
          : [],
    ),
  ]
}

const named = (kind: Kind, { name = '', optional }: { readonly name?: string; readonly optional?: boolean }): Named => ({
  kind,
  name,
  ...(optional !== undefined && { optional }),
})

function byObject(all: readonly Named[]): ReadonlyMap<string, readonly [Named, ...Named[]]> {
  const found = new Map<string, [Named, ...Named[]]>()
  for (const each of all) {
    const key = `${each.kind}/${each.name}`
    const known = found.get(key)
    if (known) known.push(each)
    else found.set(key, [each])
  }
  return found
}
