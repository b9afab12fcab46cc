import { ApiError } from '@bramble/shared/api/api-error.ts'

/** What a client would take, best first. */
export type Accepted = { readonly type: string; readonly parameters: ReadonlyMap<string, string>; readonly quality: number }

// kubectl sends three; a header of thousands is an attack on the loop below.
const maxAccepted = 50

/** The media types of an Accept header in the order of the client's liking; an empty header takes anything. */
export function parseAccept(header: string | undefined): readonly Accepted[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: new Map(), quality: 1 }]
  return header
    .split(',', maxAccepted)
    .map(parseRange)
    .filter(({ type, quality }) => type !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
}

function parseRange(range: string): Accepted {
  const [type = '', ...rest] = range.split(';').map((part) => part.trim())
  const parameters = new Map(
    rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=', 2)
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')]
    }),
  )
  const quality = Number(parameters.get('q') ?? 1)
  return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 }
}

/** What an answer about objects may look like. */
export type Negotiated = 'json' | 'table' | 'partial-metadata' | 'partial-metadata-list'

/**
 * The first form that client and server share. Protobuf is never answered: a client that takes nothing else gets JSON, because every
 * Kubernetes client decodes by the answer's Content-Type. Refuses, as NotAcceptable, what neither can be.
 */
export function negotiate(header: string | undefined): Negotiated {
  // What agents and most clients send, on every request.
  if (header === undefined || header === '' || header === 'application/json' || header === '*/*') return 'json'
  const accepted = parseAccept(header)
  for (const { type, parameters } of accepted) {
    if (type === protobuf && parameters.has('as')) continue
    if (!isJson(type) && type !== protobuf && !type.startsWith('application/vnd.bramble.')) continue
    const form = formOf(parameters)
    if (form !== undefined) return form
  }
  throw new ApiError(
    'NotAcceptable',
    `only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io, found ${JSON.stringify(header?.slice(0, 200))}`,
  )
}

const protobuf = 'application/vnd.kubernetes.protobuf'

const isJson = (type: string): boolean =>
  type === 'application/json' || type === '*/*' || type === 'application/*' || type === 'application/yaml'

function formOf(parameters: ReadonlyMap<string, string>): Negotiated | undefined {
  const as = parameters.get('as')
  if (as === undefined) return parameters.has('g') ? undefined : 'json'
  const isMeta = parameters.get('g') === 'meta.k8s.io' && (parameters.get('v') === 'v1' || parameters.get('v') === 'v1beta1')
  if (!isMeta) return undefined
  if (as === 'Table') return 'table'
  if (as === 'PartialObjectMetadata') return 'partial-metadata'
  return as === 'PartialObjectMetadataList' ? 'partial-metadata-list' : undefined
}
