import type { Json } from './api.ts'

export const definitionsAt = (name = '', subresource = '') =>
  `/apis/apiextensions.k8s.io/v1/customresourcedefinitions${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`

export const shirtSchema = {
  type: 'object',
  description: 'What one wears.',
  properties: {
    spec: {
      type: 'object',
      required: ['color'],
      properties: {
        color: { type: 'string', description: 'In what colour.' },
        size: { type: 'string', enum: ['S', 'M', 'L'], default: 'M' },
        replicas: { type: 'integer', default: 1 },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, since: { type: 'string' } } },
  },
}

/** For tests: a definition of shirts, or of something else, with one version unless it is told more. */
export function definitionOf({ kind = 'Shirt', plural = 'shirts', group = 'stable.example.com', ...more }: Partial<Shape> = {}): Json {
  const { names = {}, version = {}, spec = {}, metadata = {} } = more
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...metadata },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, ...names },
      versions: [versionOf('v1', { storage: true, ...version })],
      ...spec,
    },
  }
}
type Shape = {
  readonly kind: string
  readonly plural: string
  readonly group: string
  readonly names: object
  readonly version: object
  readonly spec: object
  readonly metadata: object
}

export const versionOf = (name: string, more: object = {}) => ({
  ...{ name, served: true, storage: false, schema: { openAPIV3Schema: shirtSchema } },
  ...more,
})

export const shirtsAt = (name = '', { version = 'v1', namespace = 'default', group = 'stable.example.com', plural = 'shirts' } = {}) =>
  `/apis/${group}/${version}/namespaces/${namespace}/${plural}${name === '' ? '' : `/${name}`}`
export const shirt = (name: string, spec: object = { color: 'blue' }, more: object = {}) => ({
  ...{ apiVersion: 'stable.example.com/v1', kind: 'Shirt', metadata: { name }, spec },
  ...more,
})
