import { createHash } from 'node:crypto'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isConditionTrue } from '@bramble/shared/meta/conditions.ts'
import { allMetadata, type Kind, type KindDefinition, type ScalePaths, type Verb } from '@bramble/shared/schema/kind.ts'
import { type Conversion, type Elsewhere, sameShape, type Storage } from '@bramble/shared/schema/storage.ts'
import { defineJsonKind, type JsonObject } from '@bramble/shared/schema/structural/json-kind.ts'
import { readSchema } from '@bramble/shared/schema/structural/read-schema.ts'
import type { CustomResourceDefinition, CustomResourceVersion } from '@bramble/shared/types/custom-resource-definition.ts'
import type { ConverterOf } from '../conversion/webhook.ts'
import { columnsOf } from './columns.ts'
import { parseJsonPath } from './json-path.ts'
import { limits } from './limits.ts'

/** `again` gives the definition once more when a schema is needed: of those that nobody uses only the stored text is in memory. */
export type DefinitionSource = {
  readonly definition: CustomResourceDefinition
  readonly again: () => CustomResourceDefinition
  /** Keeps what is made of a schema while there is room beside those of others; without it, for good. */
  readonly memo?: <T>(make: () => T) => () => T
  /** Hears what is wrong with a schema that was stored by an older hub. */
  readonly onProblem: (problem: string) => void
  readonly converterOf: ConverterOf
}

/** The kinds that a definition brings, one for each version that is served. Nothing of their schemas is read. */
export function customKindsOf(source: DefinitionSource): readonly Kind[] {
  const { definition, converterOf } = source
  const { spec, status } = definition
  if (spec.versions.length > limits.versionsOfOne) throw new Error(`it has more than ${limits.versionsOfOne} versions`)
  const storage = storageOf(spec, converterOf(definition))
  const isTerminating = isConditionTrue(status?.conditions, 'Terminating')
  // What is to go is served as it lies there to whoever lets it go: no webhook need answer for that.
  const needed = spec.versions.filter((version) => version.served || (isTerminating && version.storage))
  return needed.map((version) => kindOf(source, version, { storage, isTerminating }))
}

/** One value for all versions, which tells that they belong together. Those that are not served may still lie in the store. */
function storageOf(spec: CustomResourceDefinition['spec'], elsewhere: Elsewhere | undefined): Storage {
  const conversion = elsewhere === undefined ? sameShape : notHere
  return {
    ...(elsewhere !== undefined && { elsewhere }),
    version: spec.versions.find((version) => version.storage)?.name ?? '',
    others: Object.fromEntries(spec.versions.flatMap(({ name, storage }) => (storage ? [] : [[name, conversion]]))),
  }
}

const asked = (): never => {
  throw new Error('its conversion webhook has to be asked first')
}
const notHere: Conversion = { toStored: asked, fromStored: asked }

const whileTerminating: readonly Verb[] = ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection']

type Shared = { readonly storage: Storage; readonly isTerminating: boolean }

function kindOf(
  { definition, again, memo, onProblem }: DefinitionSource,
  version: CustomResourceVersion,
  { storage, isTerminating }: Shared,
): Kind {
  const { group, names, scope } = definition.spec
  const { singular = '', shortNames = [], categories = [], listKind } = definition.status?.acceptedNames ?? {}
  const { name, subresources, deprecated, deprecationWarning } = version
  const schema = () => again().spec.versions.find((each) => each.name === name)?.schema?.openAPIV3Schema ?? {}
  const selectable = selectableOf(version)
  const kind = defineJsonKind({
    ...{ group, version: name, kind: names.kind, resource: names.plural, singular, shortNames, categories, storage },
    ...(listKind !== undefined && { listKind }),
    definedBy: definition.metadata.name,
    needsRevision: true,
    namespaced: scope === 'Namespaced',
    description: describe(version),
    columns: columnsOf(version.additionalPrinterColumns),
    subresources: {
      ...(subresources?.status !== undefined && { status: true, statusKeeps: allMetadata }),
      ...(subresources?.scale !== undefined && { scale: scalePaths(subresources.scale) }),
    },
    ...(selectable !== undefined && { selectableFields: selectable }),
    ...(deprecated === true && { deprecated: deprecationWarning ?? `${group}/${name} ${names.kind} is deprecated` }),
    ...(isTerminating && { verbs: whileTerminating }),
    ...(memo !== undefined && { memo }),
    schemaId: () => createHash('sha256').update(exactJson(schema())).digest('hex').slice(0, 16),
    read() {
      const found = readSchema(schema())
      if (!found.ok) onProblem(`${name}: ${found.errors.map(({ field, message }) => `${field}: ${message}`).join(', ')}`)
      return found
    },
  })
  return kind as unknown as Kind // it is only ever given its own objects
}

/** What stands at the root of the schema. */
const describe = ({ schema }: CustomResourceVersion): string => {
  const text = schema?.openAPIV3Schema?.['description']
  return typeof text === 'string' ? text : ''
}

const scalePaths = ({ specReplicasPath, statusReplicasPath, labelSelectorPath = '' }: Scale): ScalePaths => ({
  specReplicas: specReplicasPath,
  statusReplicas: statusReplicasPath,
  selector: labelSelectorPath,
})
type Scale = NonNullable<NonNullable<CustomResourceVersion['subresources']>['scale']>

function selectableOf({ selectableFields }: CustomResourceVersion): KindDefinition<JsonObject>['selectableFields'] {
  if (selectableFields === undefined) return undefined
  return Object.fromEntries(
    selectableFields.map(({ jsonPath }) => {
      const find = parseJsonPath(jsonPath) ?? (() => [])
      const read = (object: KubeObject): string => {
        const [value = ''] = find(object)
        return typeof value === 'object' ? '' : String(value)
      }
      return [jsonPath.replace(/^\./, ''), read]
    }),
  )
}
