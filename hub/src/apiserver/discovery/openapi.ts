import { createHash } from 'node:crypto'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { apiVersionOf, listKindOf } from '@bramble/shared/schema/kind.ts'
import { derived } from '@bramble/shared/schema/kind-set.ts'
import type { RemoteGroups } from '../aggregation/remote-groups.ts'
import type { PathRoute, Route } from '../routes/route.ts'
import type { Routes } from '../routes/routes.ts'
import { openApiPath, openApiV3 } from './openapi/document.ts'
import { encodeOpenApiV2, openApiV2 } from './openapi/v2.ts'
import { parseAccept } from '../answers/negotiate.ts'

export type OpenApiDeps = {
  readonly routes: Pick<Routes, 'all'>
  /** Others describe their groups themselves; here it is only said where. */
  readonly remote?: Pick<RemoteGroups, 'all'>
  /** Of this server; clients keep documents on disk as long as it and the hashes stay. */
  readonly version: string
}

/** Describes the API to clients: `kubectl explain`, validation and the merge keys of `kubectl apply` come from here. */
export function createOpenApi({ routes, remote = { all: () => [] }, version }: OpenApiDeps) {
  const ofGroups = new Map<string, GroupDocument>()
  const served = derived(routes, (all) => {
    const now = openApiOf(all, { version, ofGroups, remote })
    for (const path of ofGroups.keys()) if (!now.groups.has(path)) ofGroups.delete(path)
    return now.answer
  })
  return { at: /^\/openapi\/v[23](\/|$)/, takesHead: true, answer: (request: ApiRequest) => served()(request) } satisfies PathRoute
}

/** What the document of a group was made from: it is made anew when that changes, and not with each kind that comes or goes elsewhere. */
type GroupDocument = { readonly routes: readonly Route[]; readonly document: Document }

type Answer = (request: ApiRequest) => ApiResponse | Promise<ApiResponse> | undefined

type OpenApiParts = {
  readonly version: string
  readonly ofGroups: Map<string, GroupDocument>
  readonly remote: Pick<RemoteGroups, 'all'>
}

function openApiOf(routes: readonly Route[], { version, ofGroups, remote }: OpenApiParts) {
  const groups = new Map<string, Route[]>()
  for (const route of routes) {
    const path = openApiPath(route)
    const group = groups.get(path)
    if (group === undefined) groups.set(path, [route])
    else group.push(route)
  }

  // Most hubs are asked for one or two of these and never again: each is made when it is wanted and kept as bytes, outside the heap.
  const documents = new Map<string, Document>()
  const document = (key: string, make: () => string | Uint8Array): Document => {
    let known = documents.get(key)
    if (known === undefined) documents.set(key, (known = documentOf(make())))
    return known
  }
  const groupDocument = (path: string, own: readonly Route[]): Document => {
    const known = ofGroups.get(path)
    if (known !== undefined && isSameList(known.routes, own)) return known.document
    const made = documentOf(JSON.stringify(openApiV3(own, version)), groupHash(own, version))
    ofGroups.set(path, { routes: own, document: made })
    return made
  }
  const hashes = new Map<string, string>()
  /** Tells one content of a group's document from another; where nobody has asked for it yet, without making it if that can be. */
  const hashOf = (path: string, own: readonly Route[]): string => {
    let hash = hashes.get(path)
    if (hash === undefined) hashes.set(path, (hash = groupHash(own, version) ?? groupDocument(path, own).hash))
    return hash
  }

  /** In turns: it names the content of every document, and there may be a thousand groups. */
  const index = async (): Promise<ApiResponse> => {
    const paths: [string, object][] = []
    for (const [path, own] of groups) {
      if (isTurnOver()) await nextTurn()
      paths.push([path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path, own)}` }])
    }
    for (const { group, version: served, isAvailable } of remote.all()) {
      const path = `apis/${group}/${served}`
      if (isAvailable && !groups.has(path)) paths.push([path, { serverRelativeURL: `/openapi/v3/${path}` }])
    }
    const raw = JSON.stringify({ paths: Object.fromEntries(paths) })
    return { type: 'raw', status: 200, contentType: 'application/json', raw }
  }

  const v2 = ({ headers }: ApiRequest): ApiResponse => {
    if (wantsGnostic(headers['accept'])) {
      const made = document('v2 protobuf', () => encodeOpenApiV2(openApiV2(routes, version)))
      return answer(made, headers, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
    }
    return answer(
      document('v2 json', () => JSON.stringify(openApiV2(routes, version))),
      headers,
      'application/json',
    )
  }

  const answerTo: Answer = (request) => {
    const path = request.path.replace(/\/$/, '')
    if (path === '/openapi/v2') return v2(request)
    if (path === '/openapi/v3') return index()
    if (!path.startsWith('/openapi/v3/')) return undefined
    const group = path.slice('/openapi/v3/'.length)
    const own = groups.get(group)
    if (own === undefined) return undefined
    const made = groupDocument(group, own)
    const response = answer(made, request.headers, 'application/json')
    // The address with the right hash never changes its meaning.
    if (request.query.get('hash') !== made.hash) return response
    return { ...response, headers: { ...response.headers, 'cache-control': 'public, max-age=31536000, immutable' } }
  }
  return { groups, answer: answerTo }
}

const isSameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((each, index) => each === b[index])

type Document = { readonly bytes: Uint8Array; readonly hash: string }

function documentOf(content: string | Uint8Array, hash?: string): Document {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return { bytes, hash: hash ?? hashed(bytes) }
}

const hashed = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex').slice(0, 32).toUpperCase()

/** Of kinds that name their schema: a document is made from that, from what a kind is called and from what can be done with it. */
function groupHash(own: readonly Route[], version: string): string | undefined {
  const parts: unknown[] = [version]
  for (const { kind, subresource = '', actions } of own) {
    if (kind?.schemaId === undefined) return undefined
    const { resource, singular, namespaced, description, schemaId } = kind
    parts.push([
      apiVersionOf(kind),
      resource,
      singular,
      kind.kind,
      listKindOf(kind),
      namespaced,
      description,
      schemaId,
      subresource,
      [...actions.keys()],
    ])
  }
  return hashed(JSON.stringify(parts))
}

function answer({ bytes, hash }: Document, headers: ApiRequest['headers'], contentType: string): ApiResponse {
  const etag = `"${hash}"`
  const isKnown = headers['if-none-match']?.split(',').some((tag) => tag.trim() === etag) === true
  return { type: 'raw', status: isKnown ? 304 : 200, contentType, raw: isKnown ? '' : bytes, headers: { etag, vary: 'Accept' } }
}

/** kubectl before 1.27 asks for `…spec.v2@v1.0+protobuf` and nothing else. */
function wantsGnostic(accept: string | undefined): boolean {
  for (const { type } of parseAccept(accept)) {
    if (type.startsWith('application/com.github.proto-openapi.spec.v2')) return type.endsWith('+protobuf')
    if (type === '*/*' || type === 'application/json' || type === 'application/*') return false
  }
  throw new ApiError(
    'NotAcceptable',
    'OpenAPI v2 is served as application/json and application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  )
}
