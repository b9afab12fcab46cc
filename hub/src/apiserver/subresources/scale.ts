import { noSuchResource, notFound } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { apiVersionOf, type Column, type ScalePaths } from '@bramble/shared/schema/kind.ts'
import { type LabelSelector, formatLabels, formatSelector, selectorOf } from '@bramble/shared/meta/label-selector.ts'
import { type Scale, scale as schema } from '@bramble/shared/types/scale.ts'
import { bodyOf, checked, postedType } from '../bodies/body-of.ts'
import type { Call, WriteCall } from '../call.ts'
import { cloneJson } from '../json.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import { decoded } from '../patch/undecodable.ts'
import { ofType } from '../bodies/patched-type.ts'
import { cannotBeHandled } from '@bramble/shared/schema/schema-error.ts'
import { objectResponse } from '../answers/response.ts'
import { changeObject, meantBy, type ShownPart } from '../verbs/change.ts'
import { applyType, patchOf } from '../bodies/patch-body.ts'
import { appliedTo, type Config, configOf } from '../verbs/apply.ts'
import { Owned } from '../ownership/of-writes.ts'
import { defineSubresource } from '../routes/subresource.ts'

const scaleType = postedType<Scale>({ group: 'autoscaling', version: 'v1', kind: 'Scale', resource: 'scales', schema })

const scaleColumns: readonly Column<Scale>[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'The name of the object.', cell: ({ metadata }) => metadata.name },
  { name: 'Desired', type: 'integer', description: 'How many replicas there should be.', cell: ({ spec }) => spec?.replicas ?? 0 },
  { name: 'Available', type: 'integer', description: 'How many replicas there are.', cell: ({ status }) => status?.replicas },
  { name: 'Age', type: 'date', description: 'The time since the object was created.', cell: ({ metadata }) => metadata.creationTimestamp },
]
const columns = scaleColumns as readonly Column<never>[] // only ever given Scales

/** The number of replicas of anything that has one, in the same shape for all. */
export const scale = defineSubresource({
  name: 'scale',
  speaks: scaleType,
  isOf: (kind) => kind.subresources?.scale !== undefined,
  verbs: {
    async get(call) {
      const { api, kind, info } = call
      const entry = api.registry.find(kind, info.namespace, info.name ?? '')
      if (entry === undefined) throw notFound(kind, info.name ?? '')
      const object = api.registry.objectOf(kind, await api.registry.inVersion(kind, entry))
      return answer(call, scaleOf(object, pathsOf(call)))
    },
    async update(call) {
      const wanted = bodyOf(call.request, scaleType)
      return rescale(call, () => wanted)
    },
    async patch(call) {
      const { node } = scaleType
      const given = patchOf(call.request, scaleType)
      const { type, body } = given
      if (type === applyType) return applyScale(call, configOf(given, scaleType))
      return rescale(call, (seen) => {
        const made = ofType(scaleType, given, applyPatch({ type, patch: body, object: seen, node }))
        return decoded({ given, made, node, prefix: cannotBeHandled(scaleType, '') }, () => checked(scaleType, made))
      })
    },
  },
})

async function rescale(call: WriteCall, wanted: (seen: Scale) => Scale): Promise<ApiResponse> {
  const paths = pathsOf(call)
  const next = (previous: KubeObject): KubeObject => {
    const { spec, metadata } = wanted(scaleOf(previous, paths))
    const copy = cloneJson(previous)
    write(copy, paths.specReplicas, spec?.replicas ?? 0)
    return meantBy(copy, metadata)
  }
  const { object } = await changeObject(call, { scope: 'main', next, shown: shownBy(paths) })
  return answer(call, scaleOf(object, paths))
}

/** The number of replicas is owned where it stands: in the object, by whoever applies it through its scale. */
async function applyScale(call: WriteCall, config: Config): Promise<ApiResponse> {
  const paths = pathsOf(call)
  const { metadata, spec } = checked(scaleType, config)
  const wanted: KubeObject = { apiVersion: apiVersionOf(call.kind), kind: call.kind.kind, metadata: { name: metadata.name } }
  if ((config as { spec?: { replicas?: unknown } }).spec?.replicas !== undefined) write(wanted, paths.specReplicas, spec?.replicas ?? 0)
  const next = (previous: KubeObject, owners: string | undefined): Owned => {
    const { object, owners: after } = appliedTo(call, wanted, { scope: 'main', live: previous, owners })
    const copy = cloneJson(object) as KubeObject
    // Who takes his number away leaves none.
    if (read(copy, paths.specReplicas) === undefined) write(copy, paths.specReplicas, 0)
    return new Owned(meantBy(copy, { ...copy.metadata, ...metadata, name: metadata.name }), after)
  }
  const { object } = await changeObject(call, { scope: 'main', next, shown: shownBy(paths) })
  return answer(call, scaleOf(object, paths))
}

/** Webhooks are asked about the number alone. */
const shownBy = (paths: ScalePaths): ShownPart => ({
  type: scaleType,
  of: (object) => scaleOf(object, paths),
  into: (object, part) => write(object, paths.specReplicas, (part as Scale).spec?.replicas ?? 0), // as it was read
  read: (value) => checked(scaleType, value),
})

const answer = (call: Call, object: Scale): ApiResponse => objectResponse({ ...call, kind: { ...call.kind, columns } }, object)

function scaleOf(object: KubeObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = numberAt(object, paths.specReplicas)
  const selector = selectorText(read(object, paths.selector))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // As Go writes them: a zero of the spec and an empty selector are not there.
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector !== '' && { selector }) },
  }
}

function pathsOf({ kind }: Call): ScalePaths {
  const paths = kind.subresources?.scale
  if (paths === undefined) throw noSuchResource(`${kind.resource}/scale`)
  return paths
}

const read = (object: unknown, path: string): unknown =>
  path
    .replace(/^\./, '')
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
      object,
    )

const numberAt = (object: KubeObject, path: string): number => {
  const value = read(object, path)
  return typeof value === 'number' ? value : 0
}

function write(object: KubeObject, path: string, value: number): void {
  const keys = path.replace(/^\./, '').split('.')
  const last = keys.pop() ?? ''
  let at = object as unknown as Record<string, unknown> // a JSON object, walked by its kind's own path
  for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>
  at[last] = value
}

/** A selector as `kubectl` and autoscalers pass it on: `app=web,tier in (a,b)`. That of a ReplicationController is labels alone. */
const selectorText = (value: unknown): string => {
  if (typeof value === 'string') return value
  const selector = (value ?? {}) as LabelSelector | Readonly<Record<string, string>> // checked by the kind's schema when it was written
  return areLabels(selector) ? formatLabels(selector) : formatSelector(selectorOf(selector))
}

const areLabels = (selector: LabelSelector | Readonly<Record<string, string>>): selector is Readonly<Record<string, string>> =>
  Object.values(selector).every((value) => typeof value === 'string')
