import { applyType } from '../../bodies/patch-body.ts'
import type * as z from 'zod'
import type { RequestVerb } from '../../query/request-info.ts'
import type { Parameter, Route, Spoken } from '../../routes/route.ts'
import { type Kind, listKindOf } from '@bramble/shared/schema/kind.ts'
import { status } from '@bramble/shared/meta/status.ts'
import { listMeta } from '@bramble/shared/meta/list-meta.ts'
import { described, type Described, type DescribedRoute } from './described-route.ts'
import type { Dialect, OpenApiSchema } from './dialect.ts'
import { createSchemaBook, type GroupVersionKind, type NamedSchema, schemaName } from './schemas.ts'
import { groupVersionPath } from '@bramble/shared/api/path.ts'
import { type ObjectNode, typeNodeOf, type TypeNode } from '@bramble/shared/schema/type-node.ts'
import { deleteOptions } from '@bramble/shared/types/delete-options.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'

/** One thing that can be asked of a path, before it is written as OpenAPI v2 or v3. */
export type Operation = {
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly operationId: string
  readonly description: string
  /** What Kubernetes calls the verb in `x-kubernetes-action`. */
  readonly action: string
  readonly gvk: GroupVersionKind
  readonly query: readonly Parameter[]
  readonly body?: OpenApiSchema
  readonly bodyTypes?: readonly string[]
  /** Absent: the answer is text. */
  readonly answer?: OpenApiSchema
}

/** It answers with what it has made. */
export const creates = ({ method, action }: Pick<Operation, 'method' | 'action'>): boolean => method === 'post' && action !== 'connect'

export type OpenApiModel = {
  readonly operations: readonly Operation[]
  /** Made one by one, and once. */
  readonly schemas: Iterable<NamedSchema>
}

/** Everything the server does with some kinds, and the schemas of what goes in and out. In turns: each kind may come with a large schema. */
export async function openApiModel(all: readonly Route[], dialect: Dialect): Promise<OpenApiModel> {
  const routes = all.map(described)
  const book = createSchemaBook(dialect)
  const refOf = (schema: z.core.$ZodType): OpenApiSchema => book.refTo(objectNodeOf(schema))
  const refAs: Types['refAs'] = (node, gvk) => {
    book.label(asObject(node), [gvk])
    return book.refTo(asObject(node))
  }
  const types: Types = {
    status: refAs(typeNodeOf(status), { group: '', version: 'v1', kind: 'Status' }),
    deleteOptions: refAs(typeNodeOf(deleteOptions), { group: '', version: 'v1', kind: 'DeleteOptions' }),
    patch: book.add('io.k8s.apimachinery.pkg.apis.meta.v1.Patch', {
      description: 'A change to an object, in the form that the Content-Type names.',
      type: 'object',
    }),
    refAs,
    refTo: (kind) => book.refTo(asObject(kind.node)),
    listOf(kind) {
      const node = asObject(kind.node)
      return book.add(schemaName({ ...node, typeName: listKindOf(kind) }), {
        description: `A list of ${kind.resource}.`,
        type: 'object',
        properties: {
          apiVersion: { type: 'string' },
          items: { type: 'array', items: book.refTo(node) },
          kind: { type: 'string' },
          metadata: refOf(listMeta),
        },
        required: ['items'],
        'x-kubernetes-group-version-kind': [{ group: kind.group, version: kind.version, kind: listKindOf(kind) }],
      })
    },
  }
  for (const { kind, subresource } of routes) {
    if (isTurnOver(1)) await nextTurn()
    if (subresource === undefined) book.label(asObject(kind.node), [gvkOf(kind)], kind.description)
  }
  const operations: Operation[] = []
  for (const route of routes) {
    if (isTurnOver(1)) await nextTurn()
    operations.push(...(route.subresource === undefined ? operationsOf(route, types) : operationsOfPart(route, route.subresource, types)))
  }
  return { operations, schemas: book.all() }
}

type Types = {
  readonly status: OpenApiSchema
  readonly deleteOptions: OpenApiSchema
  readonly patch: OpenApiSchema
  /** For types that are no kinds of the document but are sent as one. */
  readonly refAs: (node: TypeNode, gvk: GroupVersionKind) => OpenApiSchema
  readonly refTo: (kind: Described) => OpenApiSchema
  readonly listOf: (kind: Described) => OpenApiSchema
}

const objectNodeOf = (schema: z.core.$ZodType): ObjectNode => asObject(typeNodeOf(schema))

function asObject(node: TypeNode): ObjectNode {
  if (node.tag !== 'object') throw new Error('the schema of a kind is an object')
  return node
}

const gvkOf = ({ group, version, kind }: Spoken): GroupVersionKind => ({ group, version, kind })

const collectionOf = (kind: Described): string =>
  `${groupVersionPath(kind)}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}`

/** How an operation with one object, or a part of it, is called: `readCoreV1NamespacedPodLog`. */
const operationIds =
  (kind: Described, suffix = '') =>
  (verb: string): string =>
    `${verb}${idOf(kind)}${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${suffix}`

function operationsOf({ kind, actions }: DescribedRoute, types: Types): readonly Operation[] {
  const root = groupVersionPath(kind)
  const collection = collectionOf(kind)
  const item = `${collection}/{name}`
  const gvk = gvkOf(kind)
  const object = types.refTo(kind)
  const of = operationIds(kind)
  const serves = (verb: RequestVerb): boolean => actions.has(verb)
  const list = { action: 'list', gvk, query: listQuery, answer: types.listOf(kind), method: 'get' } as const
  const objects: readonly (Operation | false)[] = [
    serves('list') && { ...list, path: collection, operationId: of('list'), description: `Lists or watches ${kind.resource}.` },
    serves('list') &&
      kind.namespaced && {
        ...list,
        path: `${root}/${kind.resource}`,
        operationId: `list${idOf(kind)}${kind.kind}ForAllNamespaces`,
        description: `Lists or watches the ${kind.resource} of all namespaces.`,
      },
    serves('create') && {
      path: collection,
      method: 'post',
      operationId: of('create'),
      description: `Creates a ${kind.kind}.`,
      action: 'post',
      gvk,
      query: writeQuery,
      body: object,
      answer: object,
    },
    serves('deletecollection') && {
      path: collection,
      method: 'delete',
      operationId: `delete${idOf(kind)}Collection${kind.namespaced ? 'Namespaced' : ''}${kind.kind}`,
      description: `Deletes ${kind.resource} that the selectors choose.`,
      action: 'deletecollection',
      gvk,
      query: [...listQuery, ...deleteQuery],
      body: types.deleteOptions,
      answer: types.status,
    },
    ...readAndWrite({ path: item, gvk, object, types, of, serves, patches: patchesOf(kind), what: `the ${kind.kind}` }),
    serves('delete') && {
      path: item,
      method: 'delete',
      operationId: of('delete'),
      description: `Deletes the ${kind.kind}.`,
      action: 'delete',
      gvk,
      query: deleteQuery,
      body: types.deleteOptions,
      answer: types.status,
    },
  ]
  return objects.filter((operation) => operation !== false)
}

type ReadAndWrite = {
  readonly path: string
  readonly gvk: GroupVersionKind
  readonly object: OpenApiSchema
  readonly types: Types
  readonly of: (verb: string) => string
  readonly serves: (verb: RequestVerb) => boolean
  readonly patches: readonly string[]
  readonly what: string
}

const readAndWrite = ({ path, gvk, object, types, of, serves, patches, what }: ReadAndWrite): readonly (Operation | false)[] => [
  serves('get') && {
    path,
    method: 'get',
    operationId: of('read'),
    description: `Reads ${what}.`,
    action: 'get',
    gvk,
    query: [],
    answer: object,
  },
  serves('update') && {
    path,
    method: 'put',
    operationId: of('replace'),
    description: `Replaces ${what}.`,
    action: 'put',
    gvk,
    query: writeQuery,
    body: object,
    answer: object,
  },
  serves('patch') && {
    path,
    method: 'patch',
    operationId: of('patch'),
    description: `Changes a part of ${what}.`,
    action: 'patch',
    gvk,
    query: patchQuery,
    body: types.patch,
    bodyTypes: patches,
    answer: object,
  },
]

function operationsOfPart(route: DescribedRoute, name: string, types: Types): readonly Operation[] {
  const { kind, speaks, text, connects, carries, actions } = route
  const path = `${collectionOf(kind)}/{name}/${name}`
  const of = operationIds(kind, capital(name))
  const gvk = gvkOf(speaks)
  const serves = (verb: RequestVerb): boolean => actions.has(verb)
  if (text !== undefined) {
    const { description, query } = text
    if (connects || carries) {
      const suffix = `${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${capital(name)}`
      const methods = carries ? (['get', 'post', 'put', 'patch', 'delete'] as const) : (['get', 'post'] as const)
      const places = carries ? { '': '', '/{path}': 'WithPath' } : { '': '' }
      return Object.entries(places).flatMap(([below, withPath]) =>
        methods.map((method) => {
          const operationId = `connect${idOf(kind)}${capital(method)}${suffix}${withPath}`
          return { path: path + below, method, operationId, description, action: 'connect', gvk, query }
        }),
      )
    }
    return [{ path, method: 'get', operationId: of('read'), description, action: 'get', gvk, query }]
  }
  const object = speaks === kind ? types.refTo(kind) : types.refAs(speaks.node, gvk)
  const patches = speaks === kind ? patchesOf(kind) : allPatches
  const operations: readonly (Operation | false)[] = [
    ...readAndWrite({ path, gvk, object, types, of, serves, patches, what: `the ${name} of the ${kind.kind}` }),
    serves('create') && {
      path,
      method: 'post',
      operationId: of('create'),
      description: `Creates the ${name} of the ${kind.kind}.`,
      action: 'post',
      gvk,
      query: writeQuery,
      body: object,
      answer: types.status,
    },
  ]
  return operations.filter((operation) => operation !== false)
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `CoreV1`, `AppsV1`, `DiscoveryV1`, `HouseExampleComV1` */
const idOf = ({ group, version, node }: Described): string =>
  (asObject(node).plain ? group.split('.') : groupWords(group)).map(capital).join('') + capital(version)

/** `core_v1`, `apps_v1`, `houseExampleCom_v1` */
export function tagOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  const [first = '', ...others] = groupWords(group)
  return `${first}${others.map(capital).join('')}_${version}`
}

/** Kubernetes' own groups are known by their first word, all others by their whole name. */
const groupWords = (group: string): readonly string[] =>
  group === '' ? ['core'] : group.endsWith('.k8s.io') ? group.split('.').slice(0, 1) : group.split('.')

const string = (name: string, description: string): Parameter => ({ name, type: 'string', description })
const integer = (name: string, description: string): Parameter => ({ name, type: 'integer', description })
const boolean = (name: string, description: string): Parameter => ({ name, type: 'boolean', description })

const dryRun = string('dryRun', 'All: do everything but store the result.')
const fieldManager = string('fieldManager', 'The name of who makes this change.')
const fieldValidation = string(
  'fieldValidation',
  'What to do with unknown and duplicate fields: Ignore drops them, Warn tells of them, Strict refuses the request.',
)

const writeQuery: readonly Parameter[] = [dryRun, fieldManager, fieldValidation]
const patchQuery: readonly Parameter[] = [...writeQuery, boolean('force', 'Server-side apply only: take over fields that others manage.')]

const deleteQuery: readonly Parameter[] = [
  dryRun,
  integer('gracePeriodSeconds', 'How long the object may take to end; 0 ends it at once.'),
  string('propagationPolicy', 'What becomes of the objects that this one owns: Orphan, Background or Foreground.'),
]

const listQuery: readonly Parameter[] = [
  boolean('allowWatchBookmarks', 'Let a watch tell now and then which resourceVersion it has reached.'),
  string('continue', 'Where the page before this one ended.'),
  string('fieldSelector', 'Only objects whose fields match.'),
  string('labelSelector', 'Only objects whose labels match.'),
  integer('limit', 'The most objects in one answer.'),
  string('resourceVersion', 'What the answer must be at least as new as.'),
  string('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  boolean('sendInitialEvents', 'Let a watch begin with what there is.'),
  integer('timeoutSeconds', 'When the server ends the watch.'),
  boolean('watch', 'Send changes as they come, instead of a list.'),
]

const jsonPatches = ['application/json-patch+json', 'application/merge-patch+json']
const allPatches = [...jsonPatches, 'application/strategic-merge-patch+json']
const patchesOf = ({ node }: Described): readonly string[] => [
  ...(node.tag === 'object' && node.plain ? jsonPatches : allPatches),
  applyType,
]
