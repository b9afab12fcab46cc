import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { Parameter, Route } from '../../routes/route.ts'
import { openApiModel } from './model.ts'
import { tagOf } from './operation-names.ts'
import { creates, type Operation } from './operations.ts'
import { groupVersionPath } from '@bramble/shared/api/path.ts'

/** The path of a group-version in the index of `/openapi/v3`: `api/v1`, `apis/apps/v1`. */
export const openApiPath = (of: Pick<Route, 'group' | 'version'>): string => groupVersionPath(of).slice(1)

/** The OpenAPI v3 document of one group-version, as the pieces of its JSON. */
export async function openApiV3(routes: readonly Route[], version: string): Promise<Iterable<string>> {
  const { operations, schemas } = await openApiModel(routes, 'v3')
  const [first] = routes
  const tag = first === undefined ? '' : tagOf(first)
  const title = first === undefined ? 'Bramble' : `Bramble ${apiVersionOf(first)}`
  const paths = pathsOf(
    operations,
    (operation) => operationOf(operation, tag),
    (name) => ({
      name,
      in: 'path',
      required: true,
      description: pathParameters[name] ?? '',
      schema: { type: 'string', uniqueItems: true },
    }),
  )
  return textOf({ openapi: '3.0.0', info: { title, version } }, [
    ['"paths":{', paths, '}'],
    ['"components":{"schemas":{', schemas, '}}'],
  ])
}

type Members = Iterable<readonly [string, object]>

/** A document as JSON: its head, and then parts of which each member is made and written before the next. */
export function* textOf(head: object, parts: readonly (readonly [before: string, members: Members, after: string])[]): Generator<string> {
  yield JSON.stringify(head).slice(0, -1)
  for (const [before, members, after] of parts) {
    yield `,${before}`
    let comma = ''
    for (const [name, value] of members) {
      yield `${comma}${JSON.stringify(name)}:${JSON.stringify(value)}`
      comma = ','
    }
    yield after
  }
  yield '}'
}

/** The operations grouped by their path, with the parameters that stand in it. */
export function* pathsOf<O extends object, P extends object>(
  operations: readonly Operation[],
  write: (operation: Operation) => O,
  parameter: (name: string) => P,
): Generator<readonly [path: string, PathItem<O, P>]> {
  const byPath = new Map<string, Operation[]>()
  for (const operation of operations) {
    const known = byPath.get(operation.path)
    if (known === undefined) byPath.set(operation.path, [operation])
    else known.push(operation)
  }
  for (const [path, own] of [...byPath].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const methods = own.map((operation) => [operation.method, write(operation)] as const)
    yield [path, { ...(names.length > 0 && { parameters: names.map(parameter) }), ...Object.fromEntries(methods) }]
  }
}

export type PathItem<O, P> = { readonly parameters?: readonly P[] } & { readonly [M in Operation['method']]?: O }

export const pathParameters: Readonly<Record<string, string>> = {
  name: 'The name of the object.',
  namespace: 'The namespace of the object.',
}

const operationOf = (
  { operationId, description, action, gvk, query, body, bodyTypes = ['*/*'], answer, method }: Operation,
  tag: string,
) => ({
  tags: [tag],
  description,
  operationId,
  ...(query.length > 0 && { parameters: query.map(parameterOf) }),
  ...(body !== undefined && {
    requestBody: {
      content: Object.fromEntries(bodyTypes.map((type) => [type, { schema: body }])),
      ...(method !== 'delete' && { required: true }),
    },
  }),
  responses: {
    [creates({ method, action }) ? '201' : '200']: {
      description: creates({ method, action }) ? 'Created' : 'OK',
      content: answer === undefined ? { 'text/plain': { schema: { type: 'string' } } } : { 'application/json': { schema: answer } },
    },
    '401': { description: 'Unauthorized' },
  },
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': gvk,
})

const parameterOf = ({ name, type, description }: Parameter) => ({ name, in: 'query', description, schema: { type, uniqueItems: true } })
