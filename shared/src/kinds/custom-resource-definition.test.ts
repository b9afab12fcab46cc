import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../types/custom-resource-definition.ts'
import { customResourceDefinitions } from './custom-resource-definition.ts'

const schema = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { a: { type: 'string' }, list: { type: 'array', items: { type: 'string' } } } } },
}
const version = (name: string, more: object = {}) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: schema },
  ...more,
})
const base = (spec: object = {}, more: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'shirts.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'shirts', kind: 'Shirt' }, versions: [version('v1')], ...spec },
  ...more,
})

const read = (value: unknown): CustomResourceDefinition => {
  const parsed = customResourceDefinitions.parse(value)
  if (!parsed.ok) throw parsed.error
  customResourceDefinitions.setDefaults?.(parsed.object)
  return parsed.object
}
const context = { now: () => new Date(0), random: () => 0 }
const made = (value: unknown): CustomResourceDefinition => {
  const object = read(value)
  customResourceDefinitions.prepareForCreate?.(object, context)
  return object
}
const errorsOf = (value: unknown) => {
  const object = made(value)
  const { validate, validateCreate } = customResourceDefinitions
  return [...(validate?.(object) ?? []), ...(validateCreate?.(object) ?? [])].map(({ field, message }) => `${field}: ${message}`)
}
const changeErrors = (before: unknown, change: (next: CustomResourceDefinition) => void) => {
  const previous = made(before)
  previous.status = { ...previous.status, conditions: [{ type: 'Established', status: 'True' }] }
  const next = structuredClone(previous)
  change(next)
  customResourceDefinitions.prepareForUpdate?.(next, previous, context)
  const { validate, validateUpdate } = customResourceDefinitions
  return [...(validate?.(next) ?? []), ...(validateUpdate?.(next, previous) ?? [])].map(({ field, message }) => `${field}: ${message}`)
}

describe('what is wrong with a definition is told in the words and at the fields of Kubernetes', () => {
  it.each([
    ['nothing', {}, []],
    [
      'its name',
      { names: { plural: 'skirts', kind: 'Skirt' } },
      ['metadata.name: Invalid value: "shirts.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    ['no scope', { scope: undefined }, ['spec.scope: Required value']],
    ['another scope', { scope: 'World' }, ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"']],
    [
      'no schema',
      { versions: [version('v1', { schema: undefined })] },
      ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
    ],
    [
      'two that are stored',
      { versions: [version('v1'), version('v2', { storage: true })] },
      [
        'spec.versions: Invalid value: […]: must have exactly one version marked as storage version',
        'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
      ],
    ],
    [
      'two of a name',
      { versions: [version('v1'), version('v1', { storage: false })] },
      ['spec.versions: Invalid value: […]: must contain unique version names'],
    ],
    [
      'kinds and short names that are no labels',
      { names: { plural: 'shirts', kind: 'Shirt', listKind: 'Shirt', shortNames: ['S'] } },
      [
        expect.stringContaining('spec.names.shortNames[0]: Invalid value: "S": a DNS-1035 label'),
        'spec.names.listKind: Invalid value: "Shirt": kind and listKind may not be the same',
      ],
    ],
    [
      'a schema that is not structural, told of all versions at once if it is the same in all',
      { versions: [version('v1', { schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } })] },
      ['spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields'],
    ],
    [
      'one of two schemas',
      { versions: [version('v1'), version('v2', { schema: { openAPIV3Schema: { type: 'string' } } })] },
      ['spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root'],
    ],
    [
      'scale paths',
      {
        versions: [
          version('v1', {
            subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: 'x', labelSelectorPath: '.metadata.x' } },
          }),
        ],
      },
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
        'spec.subresources.scale.statusReplicasPath: Invalid value: "x": must be a simple json path starting with .',
        'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata.x": should be a json path under either .spec or .status',
      ],
    ],
    [
      'columns',
      { versions: [version('v1', { additionalPrinterColumns: [{ name: '', type: 'text', jsonPath: 'a' }] })] },
      [
        'spec.additionalPrinterColumns[0].name: Required value',
        'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
      ],
    ],
    [
      'selectable fields',
      {
        versions: [
          version('v1', {
            selectableFields: [
              { jsonPath: '.spec.none' },
              { jsonPath: '.metadata.name' },
              { jsonPath: '.spec.list' },
              { jsonPath: '.spec.a' },
              { jsonPath: '.spec.a' },
            ],
          }),
        ],
      },
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
        'spec.selectableFields[1].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
        expect.stringContaining(
          'spec.selectableFields[2].jsonPath: Invalid value: ".spec.list": must point to a field of type string, boolean or integer',
        ),
        'spec.selectableFields[4].jsonPath: Duplicate value: ".spec.a"',
      ],
    ],
    [
      'the root of a schema beside a status of its own',
      { versions: [version('v1', { subresources: { status: {} }, schema: { openAPIV3Schema: { ...schema, maxProperties: 3 } } })] },
      [expect.stringContaining('spec.validation.openAPIV3Schema: Invalid value: {…}: only [Description Type')],
    ],
    [
      'a warning of what is not deprecated',
      { versions: [version('v1', { deprecationWarning: 'x' })] },
      ['spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions'],
    ],
    [
      'a webhook that nobody finds',
      { conversion: { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v9'] } } },
      [
        'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
        'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
      ],
    ],
  ])('%s', (_what, spec, errors) => {
    expect(errorsOf(base(spec))).toEqual(errors)
  })

  it('a group of Kubernetes needs a word of who approved', () => {
    const at = (annotations: object) => ({
      ...base({ group: 'apps.k8s.io' }),
      metadata: { name: 'shirts.apps.k8s.io', annotations },
    })
    const field = 'metadata.annotations[api-approved.kubernetes.io]'
    expect(errorsOf(at({}))).toEqual([expect.stringContaining(`${field}: Required value: protected groups must have approval annotation`)])
    expect(errorsOf(at({ 'api-approved.kubernetes.io': 'yes' }))).toEqual([expect.stringContaining(`${field}: Invalid value: "yes"`)])
    expect(errorsOf(at({ 'api-approved.kubernetes.io': 'https://example.com/1' }))).toEqual([])
    expect(errorsOf(at({ 'api-approved.kubernetes.io': 'unapproved, for tests' }))).toEqual([])
  })
})

it('what it is stored by never changes, and no version goes in which an object may be stored', () => {
  const old = base({ versions: [version('v1'), version('v2')] })
  expect(changeErrors(old, ({ spec }) => void (spec.scope = 'Cluster'))).toEqual([
    'spec.scope: Invalid value: "Cluster": field is immutable',
  ])
  expect(changeErrors(old, ({ spec }) => void (spec.names.kind = 'Skirt'))).toEqual([
    'spec.names.kind: Invalid value: "Skirt": field is immutable',
  ])
  expect(changeErrors(old, ({ spec }) => void spec.versions.splice(1, 1))).toEqual([])
  expect(
    changeErrors(old, ({ spec }) => {
      spec.versions = [version('v2', { storage: true })]
    }),
  ).toEqual([
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ])
  expect(changeErrors(old, ({ status }) => void (status!.storedVersions = ['v2']))).toEqual([
    'status.storedVersions: Invalid value: ["v2"]: must have the storage version v1',
  ])
})

it('a schema that is there and not touched is not read again, whatever it says', () => {
  const broken = base({ versions: [version('v1', { schema: { openAPIV3Schema: { type: 'string' } } })] })
  expect(changeErrors(broken, ({ metadata }) => void (metadata.labels = { a: 'b' }))).toEqual([])
  expect(changeErrors(broken, ({ spec }) => void (spec.versions[0]!.schema = { openAPIV3Schema: { type: 'array' } }))).not.toEqual([])
})

it('adds nothing to what stands in a version, so that applying it again is no change', () => {
  const columns = [{ name: 'A', type: 'string', jsonPath: '.spec.a' }]
  const written = version('v1', {
    additionalPrinterColumns: columns,
    subresources: { status: {} },
    selectableFields: [{ jsonPath: '.spec.a' }],
  })
  expect(made(base({ versions: [written] })).spec.versions).toEqual([written])
})

it('notes each version that objects were stored in', () => {
  const previous = made(base({ versions: [version('v1'), version('v2')] }))
  expect(previous.status?.storedVersions).toEqual(['v1'])
  const next = structuredClone(previous)
  for (const each of next.spec.versions) each.storage = each.name === 'v2'
  customResourceDefinitions.prepareForUpdate?.(next, previous, context)
  expect(next).toMatchObject({ status: { storedVersions: ['v1', 'v2'] }, metadata: { generation: 2 } })
})
