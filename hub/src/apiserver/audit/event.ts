import type { User } from '@bramble/shared/api/api-request.ts'
import type { ResourceRequest } from '../query/request-info.ts'
import type { Level, Stage } from './policy.ts'

/** An `Event` of audit.k8s.io/v1, its members in the order in which Kubernetes writes them; bodies are JSON texts. */
export type AuditEvent = {
  readonly level: Level
  readonly id: string
  readonly stage: Stage
  readonly uri: string
  readonly verb: string
  readonly user: User | undefined
  readonly impersonated: User | undefined
  readonly sourceIps: readonly string[]
  readonly userAgent: string
  readonly about: ObjectRef | undefined
  readonly status: ResponseStatus | undefined
  readonly requestText: string | undefined
  readonly responseText: string | undefined
  /** Epoch milliseconds, with parts of them. */
  readonly receivedAt: number
  readonly stageAt: number
  readonly annotations: ReadonlyMap<string, string> | undefined
}

export type ObjectRef = Pick<ResourceRequest, 'resource' | 'namespace' | 'name' | 'group' | 'version' | 'subresource'> & {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** What is taken of a `Status`. */
export type ResponseStatus = {
  readonly status?: string
  readonly message?: string
  readonly reason?: string
  readonly details?: object
  readonly code?: number
}

/** One line: whatever a sender has put into it, JSON has no line breaks. */
export function textOf(event: AuditEvent): string {
  const { about, status, annotations, requestText, responseText, sourceIps } = event
  const head = JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: event.level,
    auditID: event.id,
    stage: event.stage,
    requestURI: event.uri,
    verb: event.verb,
    user: userText(event.user),
    impersonatedUser: event.impersonated === undefined ? undefined : userText(event.impersonated),
    sourceIPs: sourceIps.length === 0 ? undefined : sourceIps,
    userAgent: orNone(event.userAgent),
    objectRef: about === undefined ? undefined : refText(about),
    responseStatus: status === undefined ? undefined : statusText(status),
  })
  const tail = JSON.stringify({
    requestReceivedTimestamp: microTime(event.receivedAt),
    stageTimestamp: microTime(event.stageAt),
    annotations: annotations === undefined || annotations.size === 0 ? undefined : sorted(annotations),
  })
  const bodies =
    (requestText === undefined ? '' : `"requestObject":${requestText},`) +
    (responseText === undefined ? '' : `"responseObject":${responseText},`)
  return `${head.slice(0, -1)},${bodies}${tail.slice(1)}`
}

const orNone = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

const userText = (user: User | undefined) =>
  user === undefined ? {} : { username: user.name, uid: orNone(user.uid), groups: user.groups, extra: user.extra }

const refText = ({ resource, namespace, name, uid, group, version, resourceVersion, subresource }: ObjectRef) => ({
  resource,
  namespace: orNone(namespace),
  name: orNone(name),
  uid,
  apiGroup: orNone(group),
  apiVersion: version,
  resourceVersion,
  subresource,
})

const statusText = ({ status, message, reason, details, code }: ResponseStatus) => ({
  ...{ metadata: {}, status, message, reason, details, code },
})

const sorted = (annotations: ReadonlyMap<string, string>) =>
  Object.fromEntries([...annotations].toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** RFC 3339 with microseconds. */
function microTime(ms: number): string {
  const whole = Math.floor(ms)
  const micros = Math.floor((ms - whole) * 1000)
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`
}
