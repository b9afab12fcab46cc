import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind, Parsed } from '@bramble/shared/schema/kind.ts'
import { cloneJson } from '../json.ts'
import { pruneUnknown } from './unknown-fields.ts'

/**
 * What is stored as its sender would give it to this hub: without the nulls and empty structs that are written always (`withWrittenParts`),
 * and without what only a newer hub knows. What stays is shared with the object.
 */
export const asGiven = <T extends KubeObject>(kind: Pick<Kind, 'node'>, object: T): T => pruneUnknown(kind.node, object).value as T // of an object comes one

/** The same as it is read today, new and free to be changed. */
export const readAsGiven = (kind: Kind, object: KubeObject): Parsed<KubeObject> => kind.parse(cloneJson(asGiven(kind, object)))
