import { isUtf8 } from 'node:buffer'
import { ownValue } from '@bramble/shared/json/own.ts'
import type { ConfigMap } from '@bramble/shared/kinds/config-map.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { EnvVar } from '@bramble/shared/types/env.ts'
import type { EnvEntry } from '../config/container-config.ts'
import { expand, mostText, TooLong } from './expand.ts'
import { fieldValue, type NodeFacts, resourceValue } from './field-ref.ts'

/** The objects of the pod's namespace, and all Services. What is found is for the moment: read again when it is needed again. */
export type Objects = {
  /** Undefined when it does not exist; for an optional one this must be certain, else a `NotHeardYet` is thrown. */
  configMap(name: string, asked?: { readonly optional?: boolean }): ConfigMap | undefined
  secret(name: string, asked?: { readonly optional?: boolean }): Secret | undefined
  /** The same answer without reading the object, which may be megabytes on the disk. */
  has(kind: 'configMap' | 'secret', name: string, asked?: { readonly optional?: boolean }): boolean
  services(): readonly Service[]
}

/** "Not synced yet" is not "absent": whoever may do without an object waits until the hub has said once whether there is one. */
export class NotHeardYet extends Error {
  override readonly name = 'NotHeardYet'
}

/** `problem` is what the user must mend; the container waits with CreateContainerConfigError until then. */
export type EnvResult =
  | {
      readonly env: readonly EnvEntry[]
      /** Keys that cannot be the name of a variable. */
      readonly skipped: readonly string[]
      /** Variables whose bytes are no text. A runtime keeps its containers' variables as text, so such bytes reach no container. */
      readonly garbled: readonly string[]
    }
  | { readonly problem: string }

export type EnvInput = { readonly pod: Pod; readonly container: Container; readonly objects: Objects; readonly node: NodeFacts }

/** A container's environment: Services first, then envFrom, then env, each overriding what stands before. Pure. */
export function resolveEnv({ pod, container, objects, node }: EnvInput): EnvResult {
  const values = new Map<string, string>(serviceEnv(pod, objects.services()))
  const skipped: string[] = []
  const garbled = new Set<string>()
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const [what, ref, data] = configMapRef
      ? (['configmap', configMapRef, objects.configMap(configMapRef.name ?? '', configMapRef)?.data] as const)
      : (['secret', secretRef, decoded(objects.secret(secretRef?.name ?? '', secretRef))] as const)
    if (!ref) continue
    const isThere = configMapRef ? objects.configMap(ref.name ?? '') : objects.secret(ref.name ?? '')
    if (!isThere) {
      if (ref.optional) continue
      return { problem: `${what} "${ref.name}" not found` }
    }
    for (const [key, value] of Object.entries(data ?? {})) {
      if (!isEnvName(prefix + key)) {
        skipped.push(prefix + key)
        continue
      }
      values.set(prefix + key, value)
      if (secretRef !== undefined && !isText((isThere as Secret).data?.[key])) garbled.add(prefix + key) // it is what `secretRef` names
    }
  }
  const own = new Map<string, string>(values)
  const lengthOf = (name: string) => name.length + (own.get(name)?.length ?? 0)
  let length = [...own.keys()].reduce((sum, name) => sum + lengthOf(name), 0)
  for (const variable of container.env ?? []) {
    const outcome = valueOf({ pod, container, objects, node }, variable, { known: own, room: mostText - length })
    if ('problem' in outcome) return outcome
    if (outcome.value === undefined) continue
    if (own.has(variable.name)) length -= lengthOf(variable.name)
    own.set(variable.name, outcome.value)
    length += lengthOf(variable.name)
    if (outcome.isGarbled) garbled.add(variable.name)
    else garbled.delete(variable.name)
  }
  if (length > mostText) return { problem: `its variables are ${length} characters, and a program is started with ${mostText} at most` }
  return { env: [...own].map(([name, value]) => ({ name, value })), skipped, garbled: [...garbled] }
}

type Outcome = { readonly value: string | undefined; readonly isGarbled?: boolean } | { readonly problem: string }

function valueOf(
  { pod, container, objects, node }: EnvInput,
  { name, value, valueFrom }: EnvVar,
  { known, room }: { readonly known: ReadonlyMap<string, string>; readonly room: number },
): Outcome {
  if (!valueFrom) return expanded(name, () => expand(value ?? '', known, room))
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  if (fieldRef) {
    const found = fieldValue(pod, fieldRef.fieldPath, node)
    return found === undefined ? { problem: `field path ${fieldRef.fieldPath} of ${name} is not supported` } : { value: found }
  }
  if (resourceFieldRef) {
    const found = resourceValue(pod, resourceFieldRef, { container: container.name, allocatable: node.allocatable })
    return found === undefined ? { problem: `resource ${resourceFieldRef.resource} of ${name} is not supported` } : { value: found }
  }
  const { namespace } = pod.metadata
  if (configMapKeyRef) {
    const object = objects.configMap(configMapKeyRef.name ?? '', configMapKeyRef)
    if (!object) return configMapKeyRef.optional ? { value: undefined } : { problem: `configmap "${configMapKeyRef.name}" not found` }
    const found = ownValue(object.data, configMapKeyRef.key)
    if (found !== undefined || configMapKeyRef.optional) return { value: found }
    return { problem: `couldn't find key ${configMapKeyRef.key} in ConfigMap ${namespace}/${configMapKeyRef.name}` }
  }
  if (secretKeyRef) {
    const object = objects.secret(secretKeyRef.name ?? '', secretKeyRef)
    if (!object) return secretKeyRef.optional ? { value: undefined } : { problem: `secret "${secretKeyRef.name}" not found` }
    const found = ownValue(object.data, secretKeyRef.key)
    if (found !== undefined) return { value: Buffer.from(found, 'base64').toString(), isGarbled: !isText(found) }
    if (secretKeyRef.optional) return { value: undefined }
    return { problem: `couldn't find key ${secretKeyRef.key} in Secret ${namespace}/${secretKeyRef.name}` }
  }
  return { problem: `the source of variable ${name} is not supported on this node` }
}

function expanded(name: string, make: () => string): Outcome {
  try {
    return { value: make() }
  } catch (error) {
    if (error instanceof TooLong) return { problem: `variable ${name}: ${error.message}` }
    throw error
  }
}

const decoded = (secret: Secret | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))

const isText = (base64: string | undefined): boolean => isUtf8(Buffer.from(base64 ?? '', 'base64'))

// Kubernetes refuses what a C program could not read: empty, or with '=' or a control character.
const isEnvName = (name: string) => /^[^=\p{Cc}]+$/u.test(name)

/** Docker-links-style variables of the namespace's Services, and where the API is. */
function serviceEnv({ metadata, spec }: Pod, services: readonly Service[]): readonly (readonly [string, string])[] {
  const isMine = (service: Service) =>
    (spec.enableServiceLinks !== false && service.metadata.namespace === metadata.namespace) ||
    (service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes')
  return services.filter(isMine).flatMap(({ metadata: { name }, spec: { clusterIP, ports = [] } }) => {
    const [first] = ports
    if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None' || !first) return []
    const prefix = envName(name)
    const address = (host: string) => (host.includes(':') ? `[${host}]` : host)
    const base: (readonly [string, string])[] = [
      [`${prefix}_SERVICE_HOST`, clusterIP],
      [`${prefix}_SERVICE_PORT`, `${first.port}`],
      ...ports.flatMap((port): (readonly [string, string])[] =>
        port.name === undefined ? [] : [[`${prefix}_SERVICE_PORT_${envName(port.name)}`, `${port.port}`]],
      ),
      [`${prefix}_PORT`, `${first.protocol.toLowerCase()}://${address(clusterIP)}:${first.port}`],
    ]
    const each = ports.flatMap(({ port, protocol }): (readonly [string, string])[] => {
      const key = `${prefix}_PORT_${port}_${protocol}`
      const low = protocol.toLowerCase()
      return [
        [key, `${low}://${address(clusterIP)}:${port}`],
        [`${key}_PROTO`, low],
        [`${key}_PORT`, `${port}`],
        [`${key}_ADDR`, clusterIP],
      ]
    })
    return [...base, ...each]
  })
}

const envName = (name: string) => name.replaceAll('-', '_').toUpperCase()
