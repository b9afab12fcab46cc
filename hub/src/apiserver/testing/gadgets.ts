import { createHash } from 'node:crypto'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import { defineJsonKind, type JsonKindDefinition } from '@bramble/shared/schema/structural/json-kind.ts'
import { readSchema } from '@bramble/shared/schema/structural/read-schema.ts'

export const group = 'lab.example.com'

/** For tests: the kind of a custom resource, from its schema alone. */
export function gadgetsOf(schema: object, more: Partial<JsonKindDefinition> = {}) {
  const read = readSchema(schema)
  if (!read.ok) throw new Error(read.errors.map(({ field, message }) => `${field}: ${message}`).join('\n'))
  return defineJsonKind({
    ...{ group, version: 'v1', kind: 'Gadget', resource: 'gadgets', singular: 'gadget', shortNames: ['gg'], namespaced: true, columns: [] },
    ...{
      description: 'A thing of the lab.',
      read: () => read,
      schemaId: () => createHash('sha256').update(JSON.stringify(schema)).digest('hex'),
    },
    ...more,
  })
}

export const gadgetsAt = (name = '', version = 'v1') =>
  `/apis/${group}/${version}/namespaces/default/gadgets${name === '' ? '' : `/${name}`}`
export const gadget = (name: string, spec?: unknown, more: object = {}, version = 'v1') => ({
  ...{ apiVersion: apiVersionOf({ group, version }), kind: 'Gadget', metadata: { name }, ...(spec !== undefined && { spec }), ...more },
})
