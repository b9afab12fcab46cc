import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from './field.ts'
import { int64, text, time } from './scalars.ts'

const group = 'authentication.k8s.io/v1'

const boundObjectReference = message(`${group}.BoundObjectReference`, {
  kind: opt(1, text, { description: 'Pod, Secret or Node.' }),
  apiVersion: opt(2, text),
  name: opt(3, text),
  uid: opt(4, text),
})
const spec = message(`${group}.TokenRequestSpec`, {
  audiences: f(1, z.array(text).default([]), { description: 'For whom the token is: the API if nobody is named.', list: 'atomic' }),
  expirationSeconds: f(4, int64.default(3600), { description: 'How long it is good.', ptr: true }),
  boundObjectRef: opt(3, boundObjectReference, { description: 'The token is good as long as this object is there.' }),
})
const status = message(`${group}.TokenRequestStatus`, {
  token: f(1, text.default('')),
  expirationTimestamp: opt(2, time, { byValue: true }),
})

/** What is posted to a service account for a token in its name. */
export const tokenRequest = message(`${group}.TokenRequest`, {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, spec.prefault({})),
  status: opt(3, status, { byValue: true }),
})
export type TokenRequest = z.infer<typeof tokenRequest>
