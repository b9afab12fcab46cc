import type * as z from 'zod'
import type { Route } from '../../routes/route.ts'
import { listKindOf } from '@bramble/shared/schema/kind.ts'
import { status } from '@bramble/shared/meta/status.ts'
import { listMeta } from '@bramble/shared/meta/list-meta.ts'
import { described } from './described-route.ts'
import type { Dialect, OpenApiSchema } from './dialect.ts'
import { gvkOf, type Operation, operationsOf, type Types } from './operations.ts'
import { createSchemaBook, type NamedSchema, schemaName } from './schemas.ts'
import { type ObjectNode, typeNodeOf, type TypeNode } from '@bramble/shared/schema/type-node.ts'
import { deleteOptions } from '@bramble/shared/types/delete-options.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'

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
    operations.push(...operationsOf(route, types))
  }
  return { operations, schemas: book.all() }
}

const objectNodeOf = (schema: z.core.$ZodType): ObjectNode => asObject(typeNodeOf(schema))

function asObject(node: TypeNode): ObjectNode {
  if (node.tag !== 'object') throw new Error('the schema of a kind is an object')
  return node
}
