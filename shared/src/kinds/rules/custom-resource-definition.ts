import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import { isConditionTrue } from '../../meta/conditions.ts'
import { checkDns1035Label, checkDnsSubdomain } from '../../meta/names.ts'
import type { CustomResourceDefinition, CustomResourceNames, CustomResourceVersion } from '../../types/custom-resource-definition.ts'
import { approvalErrors } from './api-approval.ts'
import { conversionErrors } from './custom-resource-conversion.ts'
import { columnErrors, rootErrors, selectableErrors, subresourceErrors } from './custom-resource-version.ts'
import { immutable, required, fieldWrong } from './field-errors.ts'
import { type ReadSchema, readSchema } from '../../schema/structural/read-schema.ts'
import { ruleCostErrors } from '../../schema/structural/rules/rule-costs.ts'

/** What is wrong with a definition beside its schemas, in the words of Kubernetes. */
export const definitionErrors = (definition: CustomResourceDefinition): readonly FieldError[] => {
  const { metadata, spec, status } = definition
  const { group, names, scope, versions, conversion } = spec
  const wrongNames = nameErrors('spec.names', names)
  return [
    ...(metadata.name === '' || metadata.name === `${names.plural}.${group}`
      ? []
      : [fieldInvalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...groupErrors(group),
    ...(scope === '' ? [fieldRequired('spec.scope')] : []),
    ...(['', 'Cluster', 'Namespaced'].includes(scope) ? [] : [fieldNotSupported('spec.scope', scope, ['Cluster', 'Namespaced'])]),
    ...versionErrors(versions),
    ...(['plural', 'singular', 'kind', 'listKind'] as const).flatMap((name) => required(`spec.names.${name}`, names[name])),
    ...wrongNames,
    ...conversionErrors('spec.conversion', conversion),
    // Those that were accepted with the same write are the same.
    ...(status?.acceptedNames === undefined || wrongNames.length > 0 ? [] : nameErrors('status.acceptedNames', status.acceptedNames)),
    ...storedErrors(definition),
    ...(spec.preserveUnknownFields === true
      ? [fieldInvalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')]
      : []),
  ]
}

function groupErrors(group: string): readonly FieldError[] {
  if (group === '') return [fieldRequired('spec.group')]
  const complaints = checkDnsSubdomain(group)
  if (complaints.length > 0) return [fieldInvalid('spec.group', group, complaints.join(','))]
  return group.includes('.') ? [] : [fieldInvalid('spec.group', group, 'should be a domain with at least one dot')]
}

function versionErrors(versions: readonly CustomResourceVersion[]): readonly FieldError[] {
  const names = versions.map(({ name }) => name)
  const places = placesOf(versions)
  return [
    ...versions.flatMap(({ name, deprecated, deprecationWarning, schema, subresources }, index) => [
      ...labelErrors(`spec.versions[${index}].name`, name),
      ...deprecationErrors(`spec.versions[${index}].deprecationWarning`, deprecated === true, deprecationWarning),
      ...(schema?.openAPIV3Schema === undefined
        ? [fieldRequired(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')]
        : rootErrors(places.schema(index), schema.openAPIV3Schema, subresources?.status !== undefined)),
    ]),
    ...once(versions, places.subresources, ({ subresources }, at) => subresourceErrors(at, subresources)),
    ...once(versions, places.columns, ({ additionalPrinterColumns }, at) => columnErrors(at, additionalPrinterColumns)),
    ...once(versions, places.fields, ({ selectableFields, schema }, at) => selectableErrors(at, selectableFields, schema?.openAPIV3Schema)),
    ...(new Set(names).size === names.length ? [] : [fieldWrong('spec.versions', `[…]: must contain unique version names`)]),
    ...(versions.filter(({ storage }) => storage).length === 1
      ? []
      : [fieldWrong('spec.versions', '[…]: must have exactly one version marked as storage version')]),
  ]
}

/** What is the same in all versions is told once, where every other one tells it. */
const once = (
  versions: readonly CustomResourceVersion[],
  placeOf: (index: number) => string,
  errorsOf: (version: CustomResourceVersion, at: string) => readonly FieldError[],
): readonly FieldError[] =>
  versions.flatMap((version, index) => (index > 0 && placeOf(index) === placeOf(0) ? [] : errorsOf(version, placeOf(index))))

/** Kubernetes speaks of what is the same in all versions as of one thing that stands above them. */
function placesOf(versions: readonly CustomResourceVersion[]) {
  const place = (part: keyof CustomResourceVersion, above: string, below: string = part) => {
    const isOne = versions.every((version) => isSameJson(version[part], versions[0]?.[part]))
    return (index: number) => (isOne ? `spec.${above}` : `spec.versions[${index}].${below}`)
  }
  return {
    schema: place('schema', 'validation'),
    subresources: place('subresources', 'subresources'),
    columns: place('additionalPrinterColumns', 'additionalPrinterColumns'),
    fields: place('selectableFields', 'selectableFields'),
  }
}

function deprecationErrors(field: string, isDeprecated: boolean, warning: string | undefined): readonly FieldError[] {
  if (warning === undefined) return []
  const wrong = (why: string) => fieldInvalid(field, warning, why)
  if (!isDeprecated) return [wrong('can only be set for deprecated versions')]
  const odd = warning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  return [
    ...(Buffer.byteLength(warning) > 256 ? [wrong('must be <= 256 characters long')] : []),
    ...(warning === '' ? [wrong('must not be an empty string')] : []),
    ...(odd < 0 ? [] : [wrong(`must only contain printable UTF-8 characters; non-printable character found at index ${odd}`)]),
  ]
}

const labelErrors = (field: string, name: string, shown = name, prefix = ''): readonly FieldError[] => {
  const complaints = checkDns1035Label(name)
  return complaints.length === 0 ? [] : [fieldInvalid(field, shown, prefix + complaints.join(','))]
}

function nameErrors(field: string, names: CustomResourceNames): readonly FieldError[] {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names
  const mixed = 'may have mixed case, but should otherwise match: '
  return [
    ...(plural === '' ? [] : labelErrors(`${field}.plural`, plural)),
    ...(singular === '' ? [] : labelErrors(`${field}.singular`, singular)),
    ...(kind === '' ? [] : labelErrors(`${field}.kind`, kind.toLowerCase(), kind, mixed)),
    ...(listKind === '' ? [] : labelErrors(`${field}.listKind`, listKind.toLowerCase(), listKind, mixed)),
    ...shortNames.flatMap((name, index) => labelErrors(`${field}.shortNames[${index}]`, name)),
    ...(kind !== '' && kind === listKind ? [fieldInvalid(`${field}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, index) => labelErrors(`${field}.categories[${index}]`, name)),
  ]
}

function storedErrors({ spec: { versions }, status }: CustomResourceDefinition): readonly FieldError[] {
  const field = 'status.storedVersions'
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return [fieldInvalid(field, stored, 'must have at least one stored version')]
  return [
    ...versions.flatMap(({ name, storage }) =>
      storage && !stored.includes(name) ? [fieldInvalid(field, stored, `must have the storage version ${name}`)] : [],
    ),
    ...stored.flatMap((name, index) =>
      versions.some((version) => version.name === name) ? [] : [fieldInvalid(`${field}[${index}]`, name, stillStored(name))],
    ),
  ]
}

const stillStored = (name: string): string =>
  `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`

/** What a definition may never, or once it is established no more, say otherwise. */
export function definitionUpdateErrors(next: CustomResourceDefinition, previous: CustomResourceDefinition): readonly FieldError[] {
  const isFixed = isConditionTrue(previous.status?.conditions, 'Established')
  const keep = (field: string, value: string, before: string) => (value === before ? [] : [immutable(field, value)])
  return [
    ...(isFixed ? keep('spec.scope', next.spec.scope, previous.spec.scope) : []),
    ...(isFixed ? keep('spec.names.kind', next.spec.names.kind, previous.spec.names.kind) : []),
    ...keep('spec.group', next.spec.group, previous.spec.group),
    ...keep('spec.names.plural', next.spec.names.plural, previous.spec.names.plural),
    ...approvalErrors(next, previous),
  ]
}

/** Each schema that was not there before is read whole: that takes longer than everything else. */
export function schemaErrors(next: CustomResourceDefinition, previous?: CustomResourceDefinition): readonly FieldError[] {
  const { versions } = next.spec
  const { schema: placeOf } = placesOf(versions)
  const before = new Map(previous?.spec.versions.map(({ name, schema }) => [name, schema?.openAPIV3Schema]))
  return [
    ...once(versions, placeOf, ({ name, schema }, at) => {
      if (schema?.openAPIV3Schema === undefined || isSameJson(before.get(name), schema.openAPIV3Schema)) return []
      const field = `${at}.openAPIV3Schema`
      const read = readSchema(schema.openAPIV3Schema, field)
      return read.ok ? costErrors(read, field, before.get(name)) : read.errors
    }),
    ...(previous === undefined ? approvalErrors(next) : []),
  ]
}

/** What costs too much already may go on: an older hub has taken it. */
function costErrors({ checked: { rules } }: ReadSchema & { ok: true }, field: string, before: unknown): readonly FieldError[] {
  const errors = rules === undefined ? [] : ruleCostErrors(rules, field)
  if (errors.length === 0 || before === undefined) return errors
  const old = readSchema(before, field)
  return old.ok && old.checked.rules !== undefined && ruleCostErrors(old.checked.rules, field).length > 0 ? [] : errors
}
