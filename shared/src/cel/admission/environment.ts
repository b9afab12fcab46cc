import type { JsonSchema } from '../../schema/structural/json-schema.ts'
import { celTypeOf } from '../schema-types.ts'
import * as t from '../types.ts'
import type { CelType } from '../types.ts'

const text: JsonSchema = { type: 'string' }
const texts: JsonSchema = { type: 'array', items: text }
const time: JsonSchema = { type: 'string', format: 'date-time' }
const number: JsonSchema = { type: 'integer' }
const record = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({ type: 'object', properties })
const mapOf = (value: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: value })

/** What of the Namespace of an object expressions see. */
export const namespaceSchema = record({
  metadata: record({
    ...{ name: text, generateName: text, labels: mapOf(text), annotations: mapOf(text), uid: text },
    ...{ creationTimestamp: time, deletionTimestamp: time, deletionGracePeriodSeconds: number, generation: number },
    ...{ resourceVersion: text, finalizers: texts },
  }),
  spec: record({ finalizers: texts }),
  status: record({
    phase: text,
    conditions: { type: 'array', items: record({ type: text, status: text, lastTransitionTime: time, message: text, reason: text }) },
  }),
})

/** Fields by the names that they have, of which `namespace` is one that a schema would write otherwise. */
const object = (name: string, fields: Readonly<Record<string, CelType>>): CelType => ({
  ...{ tag: 'object', name, fields: new Map(Object.entries(fields)) },
})

const gvk = object('kubernetes.GroupVersionKind', { group: t.string, version: t.string, kind: t.string })
const gvr = object('kubernetes.GroupVersionResource', { group: t.string, version: t.string, resource: t.string })
const userInfo = object('kubernetes.UserInfo', {
  ...{ username: t.string, uid: t.string, groups: t.listOf(t.string), extra: t.mapOf(t.string, t.listOf(t.string)) },
})
const request = object('kubernetes.AdmissionRequest', {
  ...{ kind: gvk, resource: gvr, subResource: t.string, requestKind: gvk, requestResource: gvr, requestSubResource: t.string },
  ...{ name: t.string, namespace: t.string, operation: t.string, userInfo, dryRun: t.bool, options: t.dyn },
})

export const variableNames = [
  ...(['object', 'oldObject', 'namespaceObject', 'request', 'params', 'authorizer', 'authorizer.requestResource', 'variables'] as const),
] as const
export type VariableName = (typeof variableNames)[number]

export type Environment = {
  readonly hasParams: boolean
  readonly hasAuthorizer: boolean
  /** It makes changes: `Object{…}` and `JSONPatch{…}` are known. */
  readonly hasPatchTypes?: boolean
  /** Of `variables`, by their names, as far as they are known. */
  readonly variables?: ReadonlyMap<string, CelType>
  /** Where it is known, for what types are only checked by. */
  readonly object?: CelType
  readonly params?: CelType
}

/** Every variable has its slot, and those that are not there are not declared. */
export function declared({ hasParams, hasAuthorizer, variables, object: objectType = t.dyn, params = t.dyn }: Environment) {
  return new Map<string, CelType>([
    ...([['object', objectType], ['oldObject', objectType]] as const), // prettier-ignore
    ['namespaceObject', celTypeOf(namespaceSchema) ?? t.dyn],
    ['request', request],
    ...(hasParams ? [['params', params] as const] : []),
    ...(hasAuthorizer
      ? ([
          ['authorizer', t.readType('Authorizer')],
          ['authorizer.requestResource', t.readType('ResourceCheck')],
        ] as const)
      : []),
    ...(variables === undefined ? [] : [['variables', { tag: 'object', name: 'kubernetes.variables', fields: variables }] as const]),
  ])
}
