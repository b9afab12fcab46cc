import { applyType } from '../../bodies/patch-body.ts'
import type { RequestVerb } from '../../query/request-info.ts'
import type { Parameter, Spoken } from '../../routes/route.ts'
import type { Described, DescribedRoute } from './described-route.ts'
import type { OpenApiSchema } from './dialect.ts'
import { capital, collectionOf, idOf, operationIds } from './operation-names.ts'
import { deleteQuery, listQuery, patchQuery, writeQuery } from './query-parameters.ts'
import type { GroupVersionKind } from './schemas.ts'
import { groupVersionPath } from '@bramble/shared/api/path.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'

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

/** Schemas of what goes in and out. */
export type Types = {
  readonly status: OpenApiSchema
  readonly deleteOptions: OpenApiSchema
  readonly patch: OpenApiSchema
  /** For types that are no kinds of the document but are sent as one. */
  readonly refAs: (node: TypeNode, gvk: GroupVersionKind) => OpenApiSchema
  readonly refTo: (kind: Described) => OpenApiSchema
  readonly listOf: (kind: Described) => OpenApiSchema
}

export const gvkOf = ({ group, version, kind }: Spoken): GroupVersionKind => ({ group, version, kind })

/** What is asked at the paths of one route. */
export const operationsOf = (route: DescribedRoute, types: Types): readonly Operation[] =>
  route.subresource === undefined ? operationsOfObjects(route, types) : operationsOfPart(route, route.subresource, types)

function operationsOfObjects({ kind, actions }: DescribedRoute, types: Types): readonly Operation[] {
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
    if (connects || carries) return connectOperations(route, name, { path, gvk, ...text })
    return [{ path, method: 'get', operationId: of('read'), description: text.description, action: 'get', gvk, query: text.query }]
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

type Connection = Pick<Operation, 'path' | 'gvk' | 'description' | 'query'>

/** A connection is asked for by either method that opens one; what carries requests takes each, also below its path. */
function connectOperations({ kind, carries }: DescribedRoute, name: string, { path, ...connection }: Connection): readonly Operation[] {
  const suffix = `${kind.namespaced ? 'Namespaced' : ''}${kind.kind}${capital(name)}`
  const methods = carries ? (['get', 'post', 'put', 'patch', 'delete'] as const) : (['get', 'post'] as const)
  const places = carries ? { '': '', '/{path}': 'WithPath' } : { '': '' }
  return Object.entries(places).flatMap(([below, withPath]) =>
    methods.map((method) => {
      const operationId = `connect${idOf(kind)}${capital(method)}${suffix}${withPath}`
      return { ...connection, path: path + below, method, operationId, action: 'connect' }
    }),
  )
}

const jsonPatches = ['application/json-patch+json', 'application/merge-patch+json']
const allPatches = [...jsonPatches, 'application/strategic-merge-patch+json']
const patchesOf = ({ node }: Described): readonly string[] => [
  ...(node.tag === 'object' && node.plain ? jsonPatches : allPatches),
  applyType,
]
