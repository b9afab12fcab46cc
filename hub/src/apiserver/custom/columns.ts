import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { ageColumn, nameColumn } from '@bramble/shared/kinds/rules/columns.ts'
import type { Column } from '@bramble/shared/schema/kind.ts'
import type { JsonObject } from '@bramble/shared/schema/structural/json-kind.ts'
import type { PrinterColumn } from '@bramble/shared/types/custom-resource-definition.ts'
import { parseJsonPath } from './json-path.ts'

/** What `kubectl get` shows of a custom resource: its name, and what its definition says, or its age. */
export const columnsOf = (columns: readonly PrinterColumn[] = []): readonly Column<JsonObject>[] => [
  nameColumn,
  ...(columns.length === 0 ? [ageColumn] : columns.map(columnOf)),
]

function columnOf({ name, type, format = '', description = '', priority, jsonPath }: PrinterColumn): Column<JsonObject> {
  const find = parseJsonPath(jsonPath) ?? (() => [])
  const head = {
    name,
    type: type as Column<JsonObject>['type'],
    description,
    ...(priority !== undefined && { priority }),
    ...(format !== '' && { format }),
  } // the rules of definitions know no other
  return {
    ...head,
    cell(object) {
      const [value] = find(object)
      return value === undefined || value === null ? null : cellOf(type, value)
    },
  }
}

/** A value of another type is shown as nothing, as in Kubernetes. */
function cellOf(type: string, value: unknown): string | number | boolean | null {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? Number(value) : null
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? value : null
    default:
      return typeof value === 'string' ? value : exactJson(value)
  }
}
