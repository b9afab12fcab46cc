import type { Kind } from '@bramble/shared/schema/kind.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Json } from '../../../hub/src/apiserver/testing/api.ts'
import { exampleOf } from '../../../hub/src/apiserver/testing/examples.ts'
import { type Place, pathText, placesOf } from '../../conformance/api/places.ts'
import { withSample } from '../../conformance/api/samples.ts'
import { askedInVain } from '../api-page.ts'
import { nodeReads } from './node-reads.ts'
import { schedulerReads } from './scheduler-reads.ts'
import { elsewhere, withoutEffect } from './said-by-hand.ts'

/** What becomes of a field of a pod's spec; `ignored` must not be. */
export type Verdict =
  | { readonly state: 'done'; readonly by: string }
  | { readonly state: 'refused' | 'warned' | 'no effect'; readonly why: string }
  | { readonly state: 'ignored' }

export type PodField = { readonly path: string; readonly type: TypeNode; readonly verdict: Verdict }

const atATime = 8
const kind = pods as Kind
const root = kind.node as ObjectNode // as the node of every kind

/** A pod with a value in that place, and with what makes that value count. */
function podWith(place: Place): Pod | undefined {
  const path = pathText(place.path)
  const given = withSample(exampleOf(kind, 'a'), place, root).object
  // The one field of a node that can be chosen by.
  const object = JSON.parse(JSON.stringify(given).replace(/("matchFields":\[\{[^}]*?"key":)"[^"]*"/, '$1"metadata.name"')) as Json
  const { spec } = object
  spec.nodeName ??= 'node-1'
  // Volumes are mounted indeed, which takes longer than all the rest.
  const isOfVolumes = path.includes('.volume')
  spec.volumes = isOfVolumes ? spec.volumes.slice(0, 1) : []
  if (!isOfVolumes) spec.containers[0].volumeMounts = []
  // An init container that is no sidecar has neither probes nor hooks nor ports.
  for (const container of spec.initContainers ?? []) if (place.field.name !== 'restartPolicy') container.restartPolicy = 'Always'
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) makeCount(container, path)
  object.metadata = { namespace: 'default', uid: 'u1', ...object.metadata }
  const parsed = kind.parse(object)
  return parsed.ok ? (parsed.object as Pod) : undefined // it is one
}

function makeCount(container: Json, path: string): void {
  if (path.includes('.ports[]') && container.ports?.[0]) {
    container.ports[0].name ??= 'x'
    container.livenessProbe = { httpGet: { port: container.ports[0].name } }
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'].map((name) => container[name]).filter(Boolean)) {
    if (!probe.exec && !probe.httpGet && !probe.tcpSocket && !probe.grpc) probe.exec = { command: ['x'] }
    probe.failureThreshold ??= 1
  }
  for (const rule of container.restartPolicyRules ?? []) {
    container.restartPolicy ??= 'Never'
    rule.action ??= 'Restart'
    rule.exitCodes = { operator: 'In', values: [3], ...rule.exitCodes }
  }
}

const within = (path: string, of: string): boolean => path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`)
const isStruct = (type: TypeNode): boolean =>
  type.tag === 'object' || ((type.tag === 'list' || type.tag === 'map') && isStruct(type.tag === 'list' ? type.item : type.value))

/** Every field of a pod's spec that holds a value and not other fields, and what becomes of it, by what the code does with it. */
export async function podFields(): Promise<readonly PodField[]> {
  const asked = askedInVain(kind)
  const refused = new Map(asked.refused)
  const { warned } = asked
  const find = (told: ReadonlyMap<string, string>, path: string) =>
    [...told].find(([field]) => within(path, field.replace(/\[[a-z-]+\]$/, '')))?.[1]
  const places = placesOf(root).filter(({ path }) => path[0] === 'spec')
  const byNode = new Set<string>()
  const byScheduler = new Set<string>()
  const tried = places
    .filter(({ path, field }) => !isStruct(field.type) && find(refused, pathText(path)) === undefined)
    .map((place) => ({ path: pathText(place.path), pod: podWith(place) }))
  const work = tried.values()
  const walk = async () => {
    for (const { path, pod } of work) {
      if (pod === undefined) continue
      for (const { field, message } of kind.validate?.(pod) ?? [])
        if (field.replace(/\[\d+\]/g, '[]') === path && /must not be set/.test(message)) refused.set(path, message)
      for (const read of schedulerReads(pod)) byScheduler.add(read)
      for (const read of await nodeReads(pod, path)) byNode.add(read)
    }
  }
  await Promise.all(Array.from({ length: atATime }, walk))
  return places
    .filter(({ field }) => !isStruct(field.type))
    .map(({ path: parts, field }) => {
      const path = pathText(parts)
      const why = find(refused, path)
      if (why !== undefined) return { path, type: field.type, verdict: { state: 'refused', why } }
      const by = [...(byNode.has(path) ? ['the node'] : []), ...(byScheduler.has(path) ? ['the scheduler'] : [])]
      const warning = find(warned, path)
      if (warning !== undefined && by.length > 0)
        return {
          path,
          type: field.type,
          verdict: { state: 'done', by: `${by.join(', ')}, but for values of which the sender is warned: ${warning}` },
        }
      if (warning !== undefined) return { path, type: field.type, verdict: { state: 'warned', why: warning } }
      if (by.length > 0) return { path, type: field.type, verdict: { state: 'done', by: by.join(', ') } }
      const held = elsewhere.find((each) => within(path, each.field))
      if (held !== undefined) return { path, type: field.type, verdict: { state: 'done', by: held.by } }
      const idle = withoutEffect.find(({ field: said }) => path.endsWith(`.${said}`) || within(path, said))
      return { path, type: field.type, verdict: idle === undefined ? { state: 'ignored' } : { state: 'no effect', why: idle.why } }
    })
}
