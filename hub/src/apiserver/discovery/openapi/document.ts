import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { Parameter, Route } from '../../routes/route.ts'
import { openApiModel, type Operation, tagOf } from './operations.ts'
import { groupVersionPath } from '@bramble/shared/api/path.ts'

/** The path of a group-version in the index of `/openapi/v3`: `api/v1`, `apis/apps/v1`. */
export const openApiPath = (of: Pick<Route, 'group' | 'version'>): string => groupVersionPath(of).slice(1)

/** The OpenAPI v3 document of one group-version. */
export function openApiV3(routes: readonly Route[], version: string): object {
  const { operations, schemas } = openApiModel(routes, 'v3')
  const [first] = routes
  const tag = first === undefined ? '' : tagOf(first)
  const title = first === undefined ? 'Bramble' : `Bramble ${apiVersionOf(first)}`
  return {
    openapi: '3.0.0',
    info: { title, version },
    paths: pathsOf(
      operations,
      (operation) => operationOf(operation, tag),
      (name) => ({
        name,
        in: 'path',
        required: true,
        description: pathParameters[name] ?? '',
        schema: { type: 'string', uniqueItems: true },
      }),
    ),
    components: { schemas },
  }
}

/** The operations grouped by their path, with the parameters that stand in it. */
export function pathsOf(
  operations: readonly Operation[],
  write: (operation: Operation) => object,
  parameter: (name: string) => object,
): Readonly<Record<string, object>> {
  const paths = new Map<string, Record<string, unknown>>()
  for (const operation of operations) {
    let path = paths.get(operation.path)
    if (path === undefined) {
      const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      path = names.length > 0 ? { parameters: names.map(parameter) } : {}
      paths.set(operation.path, path)
    }
    path[operation.method] = write(operation)
  }
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)))
}

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
    [method === 'post' ? '201' : '200']: {
      description: method === 'post' ? 'Created' : 'OK',
      content: answer === undefined ? { 'text/plain': { schema: { type: 'string' } } } : { 'application/json': { schema: answer } },
    },
    '401': { description: 'Unauthorized' },
  },
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': gvk,
})

const parameterOf = ({ name, type, description }: Parameter) => ({ name, in: 'query', description, schema: { type, uniqueItems: true } })
