import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { apiVersionOf, type Kind, listKindOf } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import { nodeNameOf } from '../authz/node-user.ts'
import { type Call, nowOf } from '../call.ts'
import { withOwners } from '../ownership/with-owners.ts'
import { type MetaVersion, negotiate, type Offer } from './negotiate.ts'
import { sharedMetadata, sharedObjects } from './own-accept.ts'
import { toTable } from './table.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** How the caller wants objects: as JSON text straight from the store, as objects, as printed rows, or their metadata only. */
export type Form =
  | { readonly type: 'text' }
  | { readonly type: 'shared' }
  | { readonly type: 'table'; readonly version: MetaVersion; readonly includeObject: IncludeObject }
  /** `of`: what it can be made of; `anything` is shared, over the loopback, as objects. */
  | MetadataForm

export type MetadataForm = { readonly type: 'metadata'; readonly version: MetaVersion; readonly of: 'one' | 'list' | 'anything' }

export function formOf({ headers, query }: ApiRequest, offer: Offer = 'objects'): Form {
  const accept = headers['accept'] ?? ''
  if (accept === sharedObjects) return { type: 'shared' }
  if (accept === sharedMetadata) return { type: 'metadata', version: 'meta.k8s.io/v1', of: 'anything' }
  const made = negotiate(accept, offer)
  switch (made.form) {
    case 'table':
      return { type: 'table', version: made.version, includeObject: includeObjectOf(query.get('includeObject') ?? '') }
    case 'partial-metadata':
      return { type: 'metadata', version: made.version, of: 'one' }
    case 'partial-metadata-list':
      return { type: 'metadata', version: made.version, of: 'list' }
    default:
      return { type: 'text' }
  }
}

/** The metadata of a list is another type than that of an object; who asks for the one where the other is gets neither. */
export function mustBeOf(what: 'one' | 'list', { of }: { readonly of: 'one' | 'list' | 'anything' }, kind: Kind): void {
  if (of === 'anything' || of === what) return
  throw new ApiError(
    'NotAcceptable',
    of === 'one'
      ? `you requested PartialObjectMetadata, but the requested object is a list (${goTypeOf(kind, listKindOf(kind))})`
      : `you requested PartialObjectMetadataList, but the requested object is not a list (${goTypeOf(kind, kind.kind)})`,
  )
}

/** What Kubernetes calls the type inside: `*core.PodList`. */
function goTypeOf({ group, definedBy }: Kind, name: string): string {
  if (definedBy !== undefined) return `*unstructured.Unstructured${name.endsWith('List') ? 'List' : ''}`
  const [first = ''] = group.split('.')
  return `*${group === '' || group === 'events.k8s.io' ? 'core' : first}.${name}`
}

function includeObjectOf(value: string): IncludeObject {
  if (value === '') return 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}

/** One stored object as the caller wants it. */
export function entryResponse(call: Call, entry: Entry, status = 200): ApiResponse {
  const { kind, request, api } = call
  const form = formOf(request)
  if (form.type === 'metadata') {
    mustBeOf('one', form, kind)
    return { type: 'object', status, object: storedMetadata(call, form, entry) }
  }
  if (form.type === 'text') return { type: 'raw', status, contentType: 'application/json', raw: toldText(call, entry) }
  return objectResponse(call, api.registry.objectOf(kind, entry), status)
}

/** Nodes are told nothing of who owns which field; what they read has a view of its own (`view.ts`). */
const toldText = ({ kind, request, caller, api: { registry } }: Call, entry: Entry): string =>
  request.method !== 'GET' && nodeNameOf(caller.user) !== undefined ? registry.bareTextOf(kind, entry) : registry.textOf(kind, entry)

/** An object that is not stored (a dry run, what was deleted) or is not wanted as text. */
export function objectResponse(call: Call, object: KubeObject, status = 200): ApiResponse {
  const { kind, request, api } = call
  const form = formOf(request)
  switch (form.type) {
    case 'table':
      return {
        type: 'object',
        status,
        object: toTable({
          version: form.version,
          kind,
          objects: [object],
          listMeta: { resourceVersion: object.metadata.resourceVersion ?? '' },
          includeObject: form.includeObject,
          now: nowOf(api),
          withColumns: true,
        }),
      }
    case 'metadata':
      mustBeOf('one', form, kind)
      return { type: 'object', status, object: partialMetadata(object, form) }
    case 'text':
      return holdsBigint(object)
        ? { type: 'raw', status, contentType: 'application/json', raw: exactJson(object) }
        : { type: 'object', status, object }
    default:
      return { type: 'object', status, object }
  }
}

const holdsBigint = (value: unknown): boolean =>
  typeof value === 'bigint' || (typeof value === 'object' && value !== null && Object.values(value).some(holdsBigint))

/** Who owns its fields is told over a network and in none of the printed rows; the hub's own parts do without. */
export function storedMetadata({ api: { registry }, kind }: Call, form: MetadataForm, entry: Entry) {
  const object = registry.objectOf<KubeObject>(kind, entry)
  return partialMetadata(form.of === 'anything' ? object : withOwners(object, registry.ownersOf(kind, entry)), form)
}

export const partialMetadata = <M extends object>({ metadata }: { readonly metadata: M }, { version }: Pick<MetadataForm, 'version'>) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: version,
  metadata,
})

/** The head of an object that carries nothing but a place in history: a bookmark. */
export const bookmarkObject = ({ kind }: Call, revision: number, annotations?: Readonly<Record<string, string>>) => ({
  kind: kind.kind,
  apiVersion: apiVersionOf(kind),
  metadata: { resourceVersion: String(revision), creationTimestamp: null, ...(annotations !== undefined && { annotations }) },
})
