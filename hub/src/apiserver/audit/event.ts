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

/** One line: whatever a sender has put into it, JSON has no line breaks. Put together by hand, as it is made for each change that anybody makes. */
export function textOf(event: AuditEvent): string {
  const { level, id, stage, uri, verb, user, impersonated, about, status, annotations, requestText, responseText, sourceIps } = event
  return (
    `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"${level}","auditID":${quoted(id)},"stage":"${stage}",` +
    `"requestURI":${quoted(uri)},"verb":${quoted(verb)},"user":${user === undefined ? '{}' : userText(user)}` +
    (impersonated === undefined ? '' : `,"impersonatedUser":${userText(impersonated)}`) +
    (sourceIps.length === 0 ? '' : `,"sourceIPs":${JSON.stringify(sourceIps)}`) +
    member('userAgent', event.userAgent) +
    (about === undefined ? '' : `,"objectRef":${refText(about)}`) +
    (status === undefined ? '' : `,"responseStatus":${statusText(status)}`) +
    (requestText === undefined ? '' : `,"requestObject":${requestText}`) +
    (responseText === undefined ? '' : `,"responseObject":${responseText}`) +
    `,"requestReceivedTimestamp":"${microTime(event.receivedAt)}","stageTimestamp":"${microTime(event.stageAt)}"` +
    (annotations === undefined || annotations.size === 0 ? '' : `,"annotations":${annotationsText(annotations)}`) +
    '}'
  )
}

const quoted = (text: string): string => JSON.stringify(text)

/** Nothing of what is empty, as Go leaves it out. */
const member = (name: string, text: string | undefined): string => (text === undefined || text === '' ? '' : `,"${name}":${quoted(text)}`)

/** Who asks often is the same object each time. */
const users = new WeakMap<User, string>()

function userText(user: User): string {
  let text = users.get(user)
  if (text === undefined) {
    const { name: username, uid, groups, extra } = user
    users.set(user, (text = JSON.stringify({ username, uid: uid === '' ? undefined : uid, groups, extra })))
  }
  return text
}

const refText = ({ resource, namespace, name, uid, group, version, resourceVersion, subresource }: ObjectRef): string =>
  `{"resource":${quoted(resource)}${member('namespace', namespace)}${member('name', name)}${member('uid', uid)}` +
  `${member('apiGroup', group)}${member('apiVersion', version)}${member('resourceVersion', resourceVersion)}${member('subresource', subresource)}}`

const statusText = ({ status, message, reason, details, code }: ResponseStatus): string =>
  status === undefined && message === undefined && code !== undefined
    ? `{"metadata":{},"code":${code}}`
    : JSON.stringify({ metadata: {}, status, message, reason, details, code })

/** By their keys, as Go writes maps. */
function annotationsText(annotations: ReadonlyMap<string, string>): string {
  const keys = [...annotations.keys()].sort()
  return `{${keys.map((key) => `${quoted(key)}:${quoted(annotations.get(key) ?? '')}`).join(',')}}`
}

/** RFC 3339 with microseconds. */
function microTime(ms: number): string {
  const whole = Math.floor(ms)
  const micros = Math.floor((ms - whole) * 1000)
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`
}
