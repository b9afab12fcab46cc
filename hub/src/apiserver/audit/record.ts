import type { ApiRequest, ApiResponse, Caller, User } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import type { Decision } from '../authz/authorizer.ts'
import type { TakeNote } from '../objects/origin.ts'
import type { PathRequest, ResourceRequest } from '../query/request-info.ts'
import { bodyText, longestEvent, responseText } from './bodies.ts'
import { type AuditEvent, type ObjectRef, type ResponseStatus, textOf } from './event.ts'
import type { Stage } from './policy.ts'
import type { Extent } from './rules.ts'
import { sourceIps } from './source-ips.ts'

/** What is known of a request when it comes. */
export type Received = {
  readonly id: string
  readonly request: Pick<ApiRequest, 'path' | 'query' | 'headers' | 'uri'>
  /** Undefined: whoever it was has shown something that is good for nothing. */
  readonly user: User | undefined
  readonly address: Caller['address']
  readonly info: ResourceRequest | PathRequest
}

export type RecordDeps = {
  readonly clock: Clock
  /** `by`: who is charged for the room that it takes. */
  readonly write: (text: string, by: string) => void
}

/** As Kubernetes: an Event keeps these many characters of a user agent, and says so. */
const longestAgent = 1024

/** What is written of one request, from its first byte to the last of its answer. Nothing of it is put together before a stage is written. */
export class AuditRecord {
  readonly #received: Received
  readonly #extent: Extent
  readonly #deps: RecordDeps
  readonly #receivedAt: number
  readonly #began: number
  #impersonated: User | undefined
  #annotations: Map<string, string> | undefined
  #about: ObjectRef | undefined
  #requestText: string | undefined
  #responseText: string | undefined
  #status: ResponseStatus | undefined
  #isCut = false
  #hasFailed = false

  constructor(received: Received, extent: Extent, deps: RecordDeps) {
    this.#received = received
    this.#extent = extent
    this.#deps = deps
    this.#receivedAt = deps.clock.now()
    this.#began = deps.clock.monotonic()
    this.#about = received.info.type === 'resource' ? received.info : undefined
  }

  impersonated(user: User): void {
    this.#impersonated = user
  }

  /** The first that says something about a key is believed, as in Kubernetes. */
  readonly note: TakeNote = (key, made, from = 'Metadata') => {
    this.#annotations ??= new Map()
    if (this.#annotations.has(key) || (from === 'Request' && this.#extent.level === 'Metadata')) return
    const text = typeof made === 'string' ? made : made()
    // An Event has no room for it, and a patch may be as long as a body.
    if (text.length > longestEvent) this.#isCut = true
    else this.#annotations.set(key, text)
  }

  decided({ type, reason = '' }: Decision): void {
    this.note('authorization.k8s.io/decision', type === 'allow' ? 'allow' : 'forbid')
    this.note('authorization.k8s.io/reason', reason)
  }

  /** What the sender wrote, as it was read: `bytes` long. Of a patch only what it says, as it is no object. */
  readonly wrote = (value: unknown, { bytes, isPatch = false }: { readonly bytes: number; readonly isPatch?: boolean }): void => {
    if (!isPatch && this.#about !== undefined) this.#about = namedIn(value, this.#about)
    const { level, omitsManagedFields } = this.#extent
    if (level === 'Metadata' || this.#requestText !== undefined) return
    this.#requestText = bytes > longestEvent ? undefined : bodyText(value, omitsManagedFields)
    this.#isCut ||= this.#requestText === undefined
  }

  /** A handler threw what no handler may. */
  failed(error: unknown): void {
    this.#hasFailed = true
    this.#status = {
      ...{ status: 'Failure', reason: 'InternalError', code: 500 },
      message: `APIServer panic'd: ${error instanceof Error ? error.message : String(error)}`,
    }
  }

  /** The status of an answer that was never made by a verb: why somebody was not let in. */
  refused(status: ResponseStatus, stage: Stage): void {
    this.#status = status
    this.stage(stage)
  }

  /** What is answered; of a long answer what it begins with. */
  answered(response: ApiResponse): void {
    if (!this.#hasFailed) this.#status = statusOf(response)
    const { level, omitsManagedFields } = this.#extent
    if (level !== 'RequestResponse') return
    const body = responseText(response, omitsManagedFields)
    this.#responseText = body.text
    this.#isCut ||= body.isCut
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  stage(stage: Stage, isLate = false): void {
    const { level, omits } = this.#extent
    if (omits.has(stage)) return
    const { id, request, user, address, info } = this.#received
    const { clock, write } = this.#deps
    const agent = request.headers['user-agent'] ?? ''
    // Written out: spreads take longer than the text that is made of it.
    const event: AuditEvent = {
      level,
      id,
      stage,
      verb: info.verb,
      user,
      impersonated: this.#impersonated,
      uri: request.uri ?? uriOf(request),
      sourceIps: sourceIps(request.headers, address),
      userAgent: agent.length > longestAgent ? `${agent.slice(0, longestAgent)}...TRUNCATED` : agent,
      about: this.#about,
      status: this.#status,
      requestText: this.#requestText,
      responseText: this.#responseText,
      receivedAt: this.#receivedAt,
      // Of what is short the clock of the wall may not say that it took years.
      stageAt: isLate ? clock.now() : stage === 'RequestReceived' ? this.#receivedAt : this.#receivedAt + clock.monotonic() - this.#began,
      annotations: this.#annotations,
    }
    write(this.#fitting(event), user?.name ?? '')
  }

  /** As Kubernetes' truncation: what is too long loses its bodies and says so. */
  #fitting(event: AuditEvent): string {
    const text = this.#isCut ? undefined : textOf(event)
    if (text !== undefined && text.length <= longestEvent) return text
    const isCut = ['audit.k8s.io/truncated', 'true'] as const
    const bare = { ...event, requestText: undefined, responseText: undefined }
    const short = textOf({ ...bare, annotations: new Map([...(event.annotations ?? []), isCut]) })
    if (short.length <= longestEvent) return short
    const { status: { code, reason } = {}, about } = event
    const uri = event.uri.slice(0, longestAgent)
    return textOf({ ...bare, uri, about: about && cut(about), status: { code, reason }, annotations: new Map([isCut]) })
  }
}

/** Texts of a path may be as long as that. */
const cut = (about: ObjectRef): ObjectRef => ({
  ...about,
  resource: about.resource.slice(0, longestAgent),
  group: about.group.slice(0, longestAgent),
  version: about.version.slice(0, longestAgent),
  ...(about.name !== undefined && { name: about.name.slice(0, longestAgent) }),
  ...(about.namespace !== undefined && { namespace: about.namespace.slice(0, longestAgent) }),
  ...(about.subresource !== undefined && { subresource: about.subresource.slice(0, longestAgent) }),
})

/** Of what comes without a URL of its own: over MQTT, and from the hub's own parts. */
function uriOf({ path, query }: Pick<ApiRequest, 'path' | 'query'>): string {
  const at = encodeURI(path)
  return query.size === 0 ? at : `${at}?${query.toString()}`
}

/** What a path leaves open an object says of itself: its name when it is made, which state of it is meant. */
function namedIn(value: unknown, about: ObjectRef): ObjectRef {
  const metadata = isObject(value) ? value['metadata'] : undefined
  if (!isObject(metadata)) return about
  const said = (key: string): string | undefined => {
    const text = metadata[key]
    return typeof text === 'string' && text !== '' ? text.slice(0, longestAgent) : undefined
  }
  const or = (known: string | undefined, key: string) => (known === undefined || known === '' ? said(key) : known)
  const namespace = or(about.namespace, 'namespace')
  const name = or(about.name, 'name')
  const uid = or(about.uid, 'uid')
  const resourceVersion = or(about.resourceVersion, 'resourceVersion')
  return {
    ...about,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  }
}

/** Of a `Status` what it says, of anything else its code. */
function statusOf(response: ApiResponse): ResponseStatus {
  const code = response.status
  if (response.type !== 'object' || !('kind' in response.object) || response.object.kind !== 'Status') return { code }
  const { status, message, reason, details } = response.object as ResponseStatus // a Status, as it says
  return { status, message, reason, details, code }
}
