import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type FieldError, fieldInvalid, invalid } from '../../api/api-error.ts'
import type { KubeObject } from '../../api/client.ts'
import { exactJson } from '../../json/exact-json.ts'
import { isSameJson } from '../../json/same-json.ts'
import { objectMeta } from '../../meta/object-meta.ts'
import { apiVersionOf } from '../api-version.ts'
import type { Kind, KindDefinition, Parsed } from '../kind.ts'
import { schemaError } from '../schema-error.ts'
import { valueErrors } from './check.ts'
import type { Checked } from './checked.ts'
import { TooManyDefaults, withDefaults } from './defaults.ts'
import { rootNode } from './node-of.ts'

/** An object of which only its schema knows more. */
export type JsonObject = KubeObject & { readonly [field: string]: unknown }

export type JsonKindDefinition = Omit<
  KindDefinition<JsonObject>,
  'prepareForCreate' | 'prepareForUpdate' | 'validate' | 'setDefaults' | 'keepUnsaid'
> & {
  /** As `readSchema` has found it good. */
  readonly checked: Checked
}

/** The second maker of kinds: of one whose shape a structural JSON schema tells, as that of a custom resource. */
export function defineJsonKind({ checked, ...definition }: JsonKindDefinition): Kind<JsonObject> {
  // A group without a dot is one of Kubernetes' own.
  if (!definition.group.includes('.'))
    throw new Error(`group ${JSON.stringify(definition.group)} of ${definition.kind} should be a domain with at least one dot`)
  const { schema } = checked
  const apiVersion = apiVersionOf(definition)
  const node = rootNode(schema, { typeName: definition.kind, group: apiVersion, description: definition.description })
  const outside = z.looseObject({ apiVersion: z.literal(apiVersion), kind: z.literal(definition.kind), metadata: objectMeta })
  const hasStatus = definition.subresources?.status === true
  return Object.freeze<Kind<JsonObject>>({
    ...definition,
    isKind: true,
    node,
    schemaId: createHash('sha256').update(exactJson(schema)).digest('hex').slice(0, 16),
    parse(value): Parsed<JsonObject> {
      const parsed = outside.safeParse(value)
      if (!parsed.success) return { ok: false, error: schemaError(definition, value, parsed.error) }
      try {
        return { ok: true, object: withDefaults(schema, parsed.data) as JsonObject } // of an object comes an object
      } catch (error) {
        if (!(error instanceof TooManyDefaults)) throw error
        return { ok: false, error: invalid(definition, parsed.data.metadata.name, [fieldInvalid(error.path, '', error.message)]) }
      }
    },
    prepareForCreate(object) {
      if (hasStatus) delete (object as { status?: unknown }).status
      object.metadata.generation = 1
    },
    prepareForUpdate(next, previous) {
      const { generation } = previous.metadata
      if (!isSameJson(wanted(next, hasStatus), wanted(previous, hasStatus))) next.metadata.generation = (generation ?? 0) + 1
    },
    validate: (object): readonly FieldError[] => valueErrors(checked, object),
  })
}

/** What whoever watches the generation reacts to. */
function wanted({ metadata: _metadata, ...object }: JsonObject, hasStatus: boolean): object {
  const { status: _status, ...rest } = object
  return hasStatus ? rest : object
}
