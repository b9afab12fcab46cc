import { fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import { isEmbedded, type JsonSchema } from './json-schema.ts'
import { type ErrorList, note } from './place.ts'

/** Within what every object of the API has. */
export type MetaPlace = {
  /** Where that is, if no default may stand there. */
  readonly noDefault: string | undefined
}

type Spot = { readonly path: string; readonly isRoot: boolean; readonly meta: MetaPlace | undefined }

/** `apiVersion`, `kind` and `metadata` are the API's own: a schema may only say more about the name. */
export function metadataRules(schema: JsonSchema, { path, isRoot, meta }: Spot, errors: ErrorList): void {
  const { noDefault } = meta ?? {}
  if (noDefault !== undefined && (schema.default ?? undefined) !== undefined)
    note(errors, () => fieldForbidden(`${path}.default`, `must not be set ${noDefault}`))
  if (meta !== undefined && isEmbedded(schema))
    note(errors, () => fieldForbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'))
  if (!isRoot && !isEmbedded(schema)) return
  const { properties = {} } = schema
  for (const name of ['apiVersion', 'kind'] as const) {
    const type = properties[name]?.type
    if (properties[name] !== undefined && type !== 'string')
      note(errors, () => fieldInvalid(`${path}.properties[${name}].type`, type ?? '', 'must be string'))
  }
  const { metadata } = properties
  if (metadata === undefined) return
  const field = `${path}.properties[metadata]`
  if (metadata.type !== 'object') note(errors, () => fieldInvalid(`${field}.type`, metadata.type ?? '', 'must be object'))
  const { type: _type, description: _description, default: _default, properties: own = {}, ...rest } = metadata
  const isMore = Object.keys(rest).length > 0 || Object.keys(own).some((name) => name !== 'name' && name !== 'generateName')
  if (isRoot && isMore)
    note(errors, () =>
      fieldForbidden(field, 'must not specify anything other than name and generateName, but metadata is implicitly specified'),
    )
}
