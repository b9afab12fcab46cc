import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Column, Kind } from '@bramble/shared/schema/kind.ts'
import { ageOf } from '@bramble/shared/meta/time.ts'
import type { MetaVersion } from './negotiate.ts'

export type TableRequest = {
  readonly version: MetaVersion
  readonly kind: Pick<Kind, 'columns'>
  readonly objects: readonly KubeObject[]
  readonly listMeta: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }
  /** What of its object each row carries. */
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly now: Date
  /** A watch says what its columns are in the first event only. */
  readonly withColumns: boolean
}

/** Objects as `kubectl get` prints them: a Table. */
export function toTable({ version, kind, objects, listMeta, includeObject, now, withColumns }: TableRequest) {
  const columns = kind.columns.length > 0 ? kind.columns : plainColumns
  return {
    kind: 'Table',
    apiVersion: version,
    metadata: listMeta,
    columnDefinitions: withColumns ? columns.map(definitionOf) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => cellOf(column, object, now)),
      ...(includeObject === 'Object' && { object }),
      ...(includeObject === 'Metadata' && {
        object: { kind: 'PartialObjectMetadata', apiVersion: version, metadata: object.metadata },
      }),
    })),
  }
}

const plainColumns: readonly Column<KubeObject>[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'The name of the object.', cell: ({ metadata }) => metadata.name },
  {
    name: 'Age',
    type: 'date',
    description: 'The time since the object was created.',
    cell: ({ metadata }) => metadata.creationTimestamp,
  },
]

/** Ages are counted here, so to the client they are text like any other. */
const definitionOf = ({ name, type, format = '', description, priority = 0 }: Column<never>) => ({
  name,
  type: type === 'date' ? 'string' : type,
  format,
  description,
  priority,
})

/** An object that was stored in another form costs this cell, not the list it stands in. */
function cellOf({ type, cell }: Column<KubeObject>, object: KubeObject, now: Date): string | number | boolean | null {
  let value: ReturnType<typeof cell>
  try {
    value = cell(object, now)
  } catch {
    return type === 'boolean' ? false : type === 'string' || type === 'date' ? '<unknown>' : 0
  }
  if (value === null) return null
  if (type === 'date') return ageOf(typeof value === 'string' ? value : undefined, now)
  return value ?? (type === 'string' ? '<none>' : type === 'boolean' ? false : 0)
}
