import { type ApiError, badRequest, conflict, type FieldError, fieldInvalid, invalid, notFound } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { type ServiceAccount, serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { type TokenRequest, tokenRequest as schema } from '@bramble/shared/types/token-request.ts'
import { goThrough, type Phase } from '../admission/admission.ts'
import type { BoundTo } from '../authn/service-accounts/issuer.ts'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import type { Call, WriteCall } from '../call.ts'
import { askAbout } from '../verbs/asked.ts'
import { defineSubresource } from '../routes/subresource.ts'

export const tokenRequestType = postedType<TokenRequest>({
  ...{ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', resource: 'tokenrequests' },
  schema,
})

const leastSeconds = 10 * 60
const mostSeconds = 2 ** 32
/** What the volume of every pod asks for. Programs that read their token once would stop after an hour: theirs is good for a year, and said to be old. */
const projectedSeconds = 3607
const extendedSeconds = 365 * 24 * 3600

/** `kubectl create token`, and what nodes fetch for their pods. Nothing is stored. */
export const token = defineSubresource({
  name: 'token',
  speaks: tokenRequestType,
  verbs: {
    async create(call) {
      const asked = bodyOf(call.request, tokenRequestType)
      const { issuer } = call.api
      await admit('admit', call, asked)
      await askAbout(call, tokenRequestType, asked)
      checkPlace(asked, call)
      const account = objectFor<ServiceAccount>(call, serviceAccounts, call.info.name ?? '', call.info.namespace)
      const { name, namespace, uid } = account.metadata
      if ((asked.metadata.uid ?? uid) !== uid)
        throw conflictOf(
          'TokenRequest.authentication.k8s.io',
          name,
          `the UID in the token request (${asked.metadata.uid}) does not match the UID of the service account (${uid})`,
        )
      const made = issuer.now()
      const spec = { ...asked.spec, audiences: asked.spec.audiences.length === 0 ? [...issuer.audiences] : asked.spec.audiences }
      const metadata = { ...asked.metadata, name, namespace, uid, creationTimestamp: formatTime(new Date(made)) }
      const request = { apiVersion: tokenRequestType.apiVersion, kind: tokenRequestType.kind, metadata, spec }
      const errors = errorsOf(spec.expirationSeconds)
      if (errors.length > 0) throw invalid(tokenRequestType, '', errors)
      await admit('validate', call, request)
      const bound = boundTo(call, asked)
      const seconds = Number(spec.expirationSeconds)
      const isLasting =
        bound.pod !== undefined && seconds === projectedSeconds && spec.audiences.every((each) => issuer.audiences.includes(each))
      const { token, id } = issuer.issue({
        ...{ account: account.metadata, bound, audiences: spec.audiences },
        ...(isLasting ? { seconds: extendedSeconds, warnAfterSeconds: seconds } : { seconds }),
      })
      call.note?.('authentication.kubernetes.io/issued-credential-id', `JTI=${id}`)
      const status = { token, expirationTimestamp: formatTime(new Date(made + seconds * 1000)) }
      return { type: 'object', status: 201, object: { ...request, status } }
    },
  },
})

function checkPlace({ metadata: { name, namespace = '' } }: TokenRequest, { info }: Call): void {
  const wrong = (field: 'name' | 'namespace', value: string) =>
    invalid(tokenRequestType, info.name ?? '', [
      fieldInvalid(`metadata.${field}`, value, `must match the service account ${field} if specified`),
    ])
  if (name !== '' && name !== info.name) throw wrong('name', name)
  if (namespace !== '' && namespace !== info.namespace) throw wrong('namespace', namespace)
}

function errorsOf(seconds: number): readonly FieldError[] {
  const field = 'spec.expirationSeconds'
  return [
    ...(seconds < leastSeconds ? [fieldInvalid(field, seconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(seconds > mostSeconds ? [fieldInvalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')] : []),
  ]
}

/** As something that is created at its account; the plugins know it by the subresource. */
async function admit(phase: Phase, { api, kind, info, origin, warn }: WriteCall, object: TokenRequest): Promise<void> {
  const { name = '', namespace = '' } = info
  const posted = object as KubeObject // but for its version and kind, which whoever asks by the subresource knows
  await goThrough(phase, api.admission, { operation: 'CREATE', kind, name, namespace, object: posted, origin, warn })
}

/** The object that the token ends with. */
function boundTo(call: Call, { spec: { boundObjectRef: reference } }: TokenRequest): BoundTo {
  if (reference === undefined) return {}
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference
  const { namespace } = call.info
  const checked = <T extends KubeObject>(object: T): T => {
    if (uid === '' || object.metadata.uid === uid) return object
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflictOf(kind, name, why)
  }
  switch (apiVersion.includes('/') ? '' : kind) {
    case 'Pod': {
      const pod = objectFor(call, pods, name, namespace)
      if (pod.spec.serviceAccountName !== call.info.name)
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(call.info.name)} to pod running with different serviceaccount name.`,
        )
      const { nodeName = '' } = pod.spec
      return { pod: checked(pod).metadata, ...(nodeName !== '' && { node: nodeOf(call, nodeName) }) }
    }
    case 'Secret':
      return { secret: checked(objectFor(call, secrets, name, namespace)).metadata }
    case 'Node':
      return { node: checked(objectFor(call, nodes, name)).metadata }
    default:
      throw badRequest(`cannot bind token to object of type ${typeText(apiVersion, kind)}`)
  }
}

/** Of a node that is gone the name is told all the same. */
const nodeOf = ({ api: { registry } }: Call, name: string) => {
  const entry = registry.find(nodes, undefined, name)
  return entry === undefined ? { name } : registry.objectOf(nodes, entry).metadata
}

function objectFor<T extends KubeObject>({ api: { registry } }: Call, kind: Kind<T>, name: string, namespace?: string): T {
  const entry = registry.find(kind, namespace, name)
  if (entry === undefined) throw notFound(kind, name)
  return registry.objectOf(kind, entry)
}

/** As Go prints a group, version and kind. */
function typeText(apiVersion: string, kind: string): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return `${group}/${version ?? ''}, Kind=${kind}`
}

function conflictOf(resource: string, name: string, why: string): ApiError {
  const [kind = '', ...group] = resource.split('.')
  return conflict({ group: group.join('.'), resource: kind, kind }, name, why)
}
