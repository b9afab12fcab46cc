import type { Field, ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Json } from '../../../hub/src/apiserver/testing/api.ts'
import type { Place } from './places.ts'

/** Words that the rules of most fields of such a name take. */
const byName: Readonly<Record<string, Json>> = {
  ...{ add: ['CHOWN'], drop: ['ALL'], limits: { 'ephemeral-storage': '1Gi' } },
  ...{ ip: '10.0.0.9', hostIP: '10.0.0.9', podIP: '10.0.0.9', clusterIP: '10.43.0.9', loadBalancerIP: '10.0.0.9', cidr: '10.0.0.0/8' },
  ...{ mountPath: '/x', path: '/x', subPath: 'x', devicePath: '/dev/x', workingDir: '/x', image: 'b:1', key: 'k', operator: 'Exists' },
  ...{ port: 80, containerPort: 80, hostPort: 80, nodePort: 30_080, number: 80, protocol: 'UDP', cpu: '1', storage: '1Gi' },
  ...{
    kind: 'ConfigMap',
    apiVersion: 'v1',
    apiGroup: 'x.io',
    controller: 'x.io/c',
    driver: 'csi.x.io',
    schedule: '@daily',
    timeZone: 'UTC',
  },
  ...{
    fieldPath: 'metadata.name',
    topologyKey: 'zone',
    conditionType: 'x.io/ready',
    resource: 'limits.cpu',
    expression: 'true',
    rule: 'true',
  },
  ...{ status: 'True', type: 'Ready', uid: 'u', taints: [{ key: 'x', effect: 'NoSchedule' }], matchLabels: { a: 'b' }, labels: { a: 'b' } },
}

const byFormat: Readonly<Record<string, Json>> = {
  ...{ int32: 3, int64: 3, double: 0.5, quantity: '1', 'int-or-string': 1 },
  ...{ time: '2026-01-02T03:04:05Z', 'micro-time': '2026-01-02T03:04:05.000006Z', bytes: 'aGk=' },
}

/** A value of the type with no more in it than must be. */
export function sampleOf(type: TypeNode, name = ''): Json {
  switch (type.tag) {
    case 'list':
      return Array.isArray(byName[name]) ? byName[name] : [sampleOf(type.item, name)]
    case 'map':
      return byName[name] ?? { a: sampleOf(type.value) }
    case 'object':
      return Object.fromEntries([...type.fields.values()].filter(isNeeded).map((field) => [field.name, sampleOf(field.type, field.name)]))
    case 'scalar':
      if (type.enum !== undefined) return type.enum.includes(byName[name]) ? byName[name] : type.enum.find((word) => word !== '')
      if (type.format === undefined && type.type === 'boolean') return true
      if (type.format !== undefined)
        return typeof byName[name] === 'number' && type.format.startsWith('int') ? byName[name] : byFormat[type.format]
      return typeof byName[name] === 'string' ? byName[name] : 'x'
    default:
      return { a: 1 }
  }
}

const isNeeded = ({ required, name }: Field): boolean => required || name === 'name' || name === 'image'

/** Of which one may be given: which fields of such a type are no choice. */
const choices: Readonly<Record<string, readonly string[]>> = {
  ...{ Volume: [], EnvVarSource: [], Probe: [], LifecycleHandler: [], VolumeProjection: [], IngressBackend: [] },
  PersistentVolumeSpec: ['claimRef', 'nodeAffinity'],
}

function dropOthers(at: Json, type: TypeNode, kept: string | number): void {
  const others = type.tag === 'object' && Object.hasOwn(choices, type.typeName) ? choices[type.typeName] : undefined
  if (
    type.tag !== 'object' ||
    others === undefined ||
    type.fields.get(String(kept))?.type.tag !== 'object' ||
    others.includes(String(kept))
  )
    return
  for (const [name, field] of type.fields) if (name !== kept && field.type.tag === 'object' && !others.includes(name)) delete at[name]
}

export type Given = { readonly object: Json; readonly value: Json; readonly read: (object: Json) => Json }

/** The object with a sample in that place: in the first item of each list on the way, made where there is none. */
export function withSample(object: Json, { path, field }: Place, root: ObjectNode): Given {
  const copy = structuredClone(object)
  const value = sampleOf(field.type, field.name)
  const keys: (string | number)[] = []
  let at = copy
  let type = root as TypeNode // not only what it begins with
  for (const part of path.slice(0, -1)) {
    const [key, next]: [string | number, TypeNode] =
      part === '[]' && type.tag === 'list'
        ? [0, type.item]
        : part === '{}' && type.tag === 'map'
          ? [Object.keys(at)[0] ?? 'a', type.value]
          : [part, (type as ObjectNode).fields.get(part)?.type as TypeNode] // the path was made from the type
    if (at[key] === undefined) at[key] = next.tag === 'list' ? [] : next.tag === 'map' ? {} : sampleOf(next)
    dropOthers(at, type, key)
    keys.push(key)
    at = at[key]
    type = next
  }
  dropOthers(at, type, field.name)
  at[field.name] = value
  const last = [...keys, field.name]
  return { object: copy, value, read: (answer) => last.reduce((part, key) => part?.[key], answer) }
}

/** Whether all that was given is in what came back, where defaults may stand beside it. */
export function holds(answer: Json, given: Json): boolean {
  if (Array.isArray(given)) return Array.isArray(answer) && given.every((item, i) => holds(answer[i], item))
  if (typeof given !== 'object' || given === null) return answer === given
  if (Object.keys(given).length === 0) return true // an empty struct is none
  return typeof answer === 'object' && answer !== null && Object.entries(given).every(([key, part]) => holds(answer[key], part))
}
