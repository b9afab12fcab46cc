import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { apiVersionOf, listKindOf } from '@bramble/shared/schema/kind.ts'
import { derived } from '@bramble/shared/schema/kind-set.ts'
import type { RemoteGroups } from '../aggregation/remote-groups.ts'
import type { PathRoute, Route } from '../routes/route.ts'
import type { Routes } from '../routes/routes.ts'
import { openApiPath, openApiV3 } from './openapi/document.ts'
import { type Document, hashed, putTogether } from './openapi/put-together.ts'
import { gnosticOf, jsonOf, openApiV2 } from './openapi/v2.ts'
import { createLines, gone } from '../fairness/one-at-a-time.ts'
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
  const lines = createLines()
  const served = derived(routes, (all) => {
    const groups = byGroup(all)
    for (const path of ofGroups.keys()) if (!groups.has(path)) ofGroups.delete(path)
    return { all, groups, hashes: new Map<string, string>(), v2: new Map<Form, Document>() }
  })

  /**
   * Most hubs are asked for one or two documents and never again: each is made when it is wanted, and one of a name at a time. Who comes meanwhile
   * waits and finds it, or what is served now is another thing: then it is made anew, once for all who wait.
   */
  const made = async (name: string, request: ApiRequest, { find, make }: Making): Promise<Document | undefined> => {
    const known = find()
    if (known !== undefined) return known
    const leave = await lines.enter(name, request)
    try {
      if (request.signal.aborted) throw gone()
      return find() ?? (await make())
    } finally {
      leave()
    }
  }
  const groupDocument = (path: string, request: ApiRequest): Promise<Document | undefined> =>
    made(path, request, {
      find() {
        const [known, own] = [ofGroups.get(path), served().groups.get(path)]
        return known !== undefined && own !== undefined && isSameList(known.routes, own) ? known.document : undefined
      },
      async make() {
        const own = served().groups.get(path)
        if (own === undefined) return undefined
        const { bytes, hash } = await putTogether(await openApiV3(own, version))
        const document = { bytes, hash: groupHash(own, version) ?? hash }
        if (served().groups.has(path)) ofGroups.set(path, { routes: own, document })
        return document
      },
    })

  /** In turns: it names the content of every document, and there may be a thousand groups. */
  const index = async (request: ApiRequest): Promise<ApiResponse> => {
    const { groups, hashes } = served()
    const paths: [string, object][] = []
    for (const [path, own] of groups) {
      if (isTurnOver()) await nextTurn()
      // Tells one content from another; where nobody has asked for it yet, without making it if that can be.
      const hash = hashes.get(path) ?? groupHash(own, version) ?? (await groupDocument(path, request))?.hash
      if (hash === undefined) continue
      hashes.set(path, hash)
      paths.push([path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }])
    }
    for (const { group, version: served, isAvailable } of remote.all()) {
      const path = `apis/${group}/${served}`
      if (isAvailable && !groups.has(path)) paths.push([path, { serverRelativeURL: `/openapi/v3/${path}` }])
    }
    const raw = JSON.stringify({ paths: Object.fromEntries(paths) })
    return { type: 'raw', status: 200, contentType: 'application/json', raw }
  }

  const v2 = async (request: ApiRequest): Promise<ApiResponse | undefined> => {
    const form = wantsGnostic(request.headers['accept']) ? 'gnostic' : 'json'
    const { contentType, piecesOf } = forms[form]
    const document = await made('v2', request, {
      find: () => served().v2.get(form),
      async make() {
        const { all, v2 } = served()
        const document = await putTogether(piecesOf(await openApiV2(all, version)))
        v2.set(form, document)
        return document
      },
    })
    return document && answer(document, request.headers, contentType)
  }

  const group = async (path: string, request: ApiRequest): Promise<ApiResponse | undefined> => {
    const document = await groupDocument(path, request)
    if (document === undefined) return undefined
    const response = answer(document, request.headers, 'application/json')
    // The address with the right hash never changes its meaning.
    if (request.query.get('hash') !== document.hash) return response
    return { ...response, headers: { ...response.headers, 'cache-control': 'public, max-age=31536000, immutable' } }
  }

  const answerTo = async (request: ApiRequest): Promise<ApiResponse | undefined> => {
    const path = request.path.replace(/\/$/, '')
    if (path === '/openapi/v2') return v2(request)
    if (path === '/openapi/v3') return index(request)
    return path.startsWith('/openapi/v3/') ? group(path.slice('/openapi/v3/'.length), request) : undefined
  }
  const at = /^\/openapi\/v[23](\/|$)/
  return { at, anyMethodAt: at, answer: answerTo } satisfies PathRoute
}

/** The document of a group was made from that: it is made anew when that changes, and not with each kind that comes or goes elsewhere. */
type GroupDocument = { readonly routes: readonly Route[]; readonly document: Document }

/** Both look at what is served when they are called. */
type Making = { readonly find: () => Document | undefined; readonly make: () => Promise<Document | undefined> }

const forms = {
  json: { contentType: 'application/json', piecesOf: jsonOf },
  gnostic: { contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', piecesOf: gnosticOf },
}
type Form = keyof typeof forms

function byGroup(all: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const groups = new Map<string, Route[]>()
  for (const route of all) {
    const path = openApiPath(route)
    const group = groups.get(path)
    if (group === undefined) groups.set(path, [route])
    else group.push(route)
  }
  return groups
}

const isSameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((each, index) => each === b[index])

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
