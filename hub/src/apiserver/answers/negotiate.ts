import { ApiError } from '@bramble/shared/api/api-error.ts'
import { saysOwn } from './own-accept.ts'

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

/** What an answer about objects may look like; what is made of them is of the version of `meta.k8s.io` that was asked for. */
export type Negotiated =
  | { readonly form: 'json' }
  | { readonly form: 'table' | 'partial-metadata' | 'partial-metadata-list'; readonly version: MetaVersion }

/** Both have the same fields. */
export type MetaVersion = 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1'

/** What can be made of an answer: anything about objects, all but rows of a table of what is not kept, or only what it is, as of discovery. */
export type Offer = 'objects' | 'no table' | 'plain' | 'events'

/**
 * The first form that client and server share. Protobuf is made of the JSON afterwards (`protobuf/`), where there is any: who wants it
 * asks for JSON here. Refuses, as NotAcceptable, what neither can be.
 */
export function negotiate(header: string | undefined, offer: Offer = 'objects'): Negotiated {
  // What agents and most clients send, on every request.
  if (header === undefined || header === '' || header === 'application/json' || header === '*/*') return json
  for (const { type, parameters } of parseAccept(header)) {
    if (!isJson(type) && !(type === yaml && offer !== 'events') && !saysOwn(type)) continue
    const form = formOf(parameters, offer)
    if (form !== undefined) return form
  }
  const types = offer === 'events' ? ['application/json;stream=watch'] : ['application/json', yaml]
  throw new ApiError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`)
}

/** Whether YAML is what the client likes best of what it can have. */
export function wantsYaml(header: string | undefined): boolean {
  if (header === undefined || !header.includes('yaml')) return false
  return (
    parseAccept(header).find(({ type, parameters }) => (type === yaml || isJson(type)) && formOf(parameters, 'objects') !== undefined)
      ?.type === yaml
  )
}

const yaml = 'application/yaml'
const json: Negotiated = { form: 'json' }
const metaVersions: readonly MetaVersion[] = ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1']
const madeForms: ReadonlyMap<string, 'table' | 'partial-metadata' | 'partial-metadata-list'> = new Map([
  ['Table', 'table'],
  ['PartialObjectMetadata', 'partial-metadata'],
  ['PartialObjectMetadataList', 'partial-metadata-list'],
])

const isJson = (type: string): boolean => type === 'application/json' || type === '*/*' || type === 'application/*'

function formOf(parameters: ReadonlyMap<string, string>, offer: Offer): Negotiated | undefined {
  const as = parameters.get('as')
  if (as === undefined) return parameters.has('g') ? undefined : json
  const version = metaVersions.find((known) => known === `${parameters.get('g')}/${parameters.get('v')}`)
  const form = madeForms.get(as)
  return version === undefined || form === undefined || offer === 'plain' || (form === 'table' && offer === 'no table')
    ? undefined
    : { form, version }
}
