import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { PostToWebhook } from '../conversion/webhook.ts'
import type { Json } from './api.ts'
import { definitionOf, versionOf } from './definitions.ts'

/**
 * For tests: a webhook for tubes. v1 says how many `halves` a tube has, v2 its `length`. `asked` counts its reviews by how many objects they had;
 * `answer` takes the place of what it would say.
 */
export function tubeWebhook() {
  const asked: number[] = []
  const state: { answer: ((review: Json) => unknown) | undefined } = { answer: undefined }
  const post: PostToWebhook = (_client, body) => {
    const review = JSON.parse(body)
    asked.push(review.request.objects.length)
    return Promise.resolve().then(() => (state.answer ?? honest)(review))
  }
  return { post, asked, state }
}

export function honest({ request, apiVersion, kind }: Json): Json {
  const { uid, desiredAPIVersion, objects } = request
  const convertedObjects = objects.map((object: Json) => converted(object, desiredAPIVersion))
  return { apiVersion, kind, response: { uid, result: { status: 'Success' }, convertedObjects } }
}

function converted({ spec: { halves, length, ...spec }, ...object }: Json, apiVersion: string): KubeObject {
  const of = apiVersion.endsWith('/v2') ? { length: halves / 2 } : { halves: length * 2 }
  return { ...object, apiVersion, spec: { ...spec, ...of } }
}

const schemaOf = (field: string) => ({
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { [field]: { type: 'integer' }, note: { type: 'string' }, finish: { type: 'string', default: 'matt' } },
        },
        status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
  subresources: { status: {}, scale: { specReplicasPath: `.spec.${field}`, statusReplicasPath: '.status.replicas' } },
})

/** Stored in v1 unless it is told. */
export const tubeDefinition = (storage: 'v1' | 'v2' = 'v1', more: object = {}): Json =>
  definitionOf({
    ...{ kind: 'Tube', plural: 'tubes' },
    spec: {
      versions: [
        versionOf('v1', { ...schemaOf('halves'), storage: storage === 'v1' }),
        versionOf('v2', { ...schemaOf('length'), storage: storage === 'v2' }),
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://tubes.example.com/convert' }, conversionReviewVersions: ['v1'] },
      },
      ...more,
    },
  })

export const tube = (version: 'v1' | 'v2', name: string, spec: object, metadata: object = {}): Json => ({
  apiVersion: `stable.example.com/${version}`,
  kind: 'Tube',
  metadata: { name, ...metadata },
  spec,
})

export const tubesAt = (version: 'v1' | 'v2', name = '') =>
  `/apis/stable.example.com/${version}/namespaces/default/tubes${name === '' ? '' : `/${name}`}`
