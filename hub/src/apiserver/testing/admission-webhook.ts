import { text } from 'node:stream/consumers'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PostToWebhook } from '../conversion/webhook.ts'
import type { Json } from './api.ts'

/** What a webhook answers to a request: members of the response beside its uid; undefined: it is allowed. */
export type Answer = (request: Json, path: string) => object | undefined | Promise<object | undefined>

export const reviewed = async (review: Json, answer: Answer, path = '/'): Promise<object> => ({
  apiVersion: review.apiVersion,
  kind: 'AdmissionReview',
  response: { uid: review.request.uid, allowed: true, ...(await answer(review.request, path)) },
})

export const patchOf = (...steps: readonly object[]) => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(steps)).toString('base64'),
})

/** Webhooks without a network. `asked` is what they were shown, in that order. */
export function webhooksAnswering(answer: Answer) {
  const asked: Json[] = []
  const post: PostToWebhook = async ({ url = '' }, body) => {
    const review: Json = JSON.parse(body)
    asked.push(review)
    return reviewed(review, answer, new URL(url).pathname)
  }
  return { asked, post }
}

/** For a real server. */
export const answering =
  (answer: Answer) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const review: Json = JSON.parse(await text(request))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(await reviewed(review, answer, request.url ?? '/')))
  }

export const configurationsAt = (of: 'mutating' | 'validating', name = '') =>
  `/apis/admissionregistration.k8s.io/v1/${of}webhookconfigurations${name === '' ? '' : `/${name}`}`

const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }

/** With one webhook, `<name>.example.com`, which is asked about everything unless it says otherwise. */
export const configuration = (of: 'Mutating' | 'Validating', name: string, webhook: object = {}) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: `${of}WebhookConfiguration`,
  metadata: { name },
  webhooks: [
    {
      name: `${name}.example.com`,
      clientConfig: { url: `https://hooks.example.com/${name}` },
      rules: [everything],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...webhook,
    },
  ],
})

export const rule = (resources: string, operations: readonly string[] = ['*'], more: object = {}) => ({
  ...{ operations, apiGroups: ['*'], apiVersions: ['*'], resources: resources.split(' ') },
  ...more,
})
