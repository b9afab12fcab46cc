import { badRequest, type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Asker, TypeName } from '../admission/admission.ts'
import { checked, type PostedType } from '../bodies/body-of.ts'
import { carryDoubt } from '../bodies/doubt.ts'
import { objectOf } from '../bodies/object-body.ts'
import type { Call, WriteCall } from '../call.ts'

/** For those who are asked about a write of an object of the call's kind. What they bring and nobody knows is left out, as in Kubernetes. */
export const askerOf = (call: WriteCall): Asker => ({
  request: call.request,
  signal: () => call.request.signal,
  read(value) {
    const lenient: WriteCall = { ...call, fieldValidation: 'Ignore' }
    const object = objectOf(lenient, value, { duplicates: [] })
    carryDoubt(lenient, call)
    return object
  },
})

type Meta = KubeObject['metadata']

/** What the server has said of a new object. */
export const serverSaid = ({ metadata }: KubeObject): Meta => ({ ...metadata })

/** What others have made of a new object keeps what the server said of it. Its name they may change, and where it is they may not. */
export function putBackNew({ kind }: WriteCall, { metadata }: KubeObject, server: Meta): void {
  if ((metadata.namespace ?? server.namespace) !== server.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (kind.namespaced && server.namespace !== undefined) metadata.namespace = server.namespace
  if ((metadata.name ?? '') === '') metadata.name = server.name
  for (const field of ['uid', 'creationTimestamp'] as const)
    if (server[field] === undefined) delete metadata[field]
    else metadata[field] = server[field]
  for (const field of ['managedFields', 'resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    delete metadata[field]
}

/** Which object it is that is changed, nobody can say anew. */
export function otherIdentity({ metadata }: KubeObject, { metadata: previous }: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const value = metadata[field] ?? ''
    if (value !== '' && value !== previous[field]) errors.push(fieldInvalid(`metadata.${field}`, value, 'field is immutable'))
  }
  metadata.name = previous.name
  return errors
}

type Posting = Call & Pick<WriteCall, 'origin'>

/** Webhooks and policies about what is posted to a subresource, in place of what becomes of its object: changed by them in place. */
export const askAbout = <T extends object>(call: Posting, type: PostedType<T>, body: T): Promise<void> =>
  ask(call, { operation: 'CREATE', type, body })

/** The same about what is posted and kept nowhere, of which the call's kind is made (`reviews/review.ts`). */
export const askAboutPosted = <T extends object>(call: Posting, type: PostedType<T>, body: T, alsoAs?: readonly Kind[]): Promise<void> =>
  ask({ ...call, info: { ...call.info, name: nameIn(body) } }, { operation: 'CREATE', type, typeName: call.kind, body, alsoAs })

/** The same about a connection that is asked for, whose options may be changed. */
export const askToConnect = <T extends object>(call: Posting, type: PostedType<T>, options: T): Promise<void> =>
  ask(call, { operation: 'CONNECT', type, body: options })

type Matter<T> = {
  readonly operation: 'CREATE' | 'CONNECT'
  readonly type: PostedType<T>
  /** As what it is shown. */
  readonly typeName?: TypeName
  readonly alsoAs?: readonly Kind[] | undefined
  readonly body: T
}

async function ask<T extends object>(call: Posting, { operation, type, typeName = type, body, alsoAs }: Matter<T>): Promise<void> {
  const { api, kind, info, origin, warn, request } = call
  const { name = '', namespace } = info
  const asObject = (posted: T) => posted as unknown as KubeObject // reading has put its kind there
  const asker: Asker = { request, signal: () => request.signal, read: (value) => asObject(checked(type, value)) }
  const admission = { operation, kind, name, namespace, object: asObject(body), origin, warn, type: typeName, asker, alsoAs } as const
  const mutate = api.dynamic.mutate(admission)
  if (mutate !== undefined) await mutate()
  const validation = api.dynamic.validate(admission)
  if (validation !== undefined) await validation
}

const nameIn = (body: object): string | undefined => (body as Partial<KubeObject>).metadata?.name // of what is posted, if it has one
