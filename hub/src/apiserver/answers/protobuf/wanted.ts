import type { Match } from '../../routes/route.ts'
import { parseAccept } from '../negotiate.ts'
import { hasProtobuf } from './encode.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'

/**
 * Whether protobuf is what the client likes best of what it can have; answers what it would ask for in JSON. Kinds without numbers have no
 * protobuf, but their metadata has; printed rows and what is not about resources have none.
 */
export function wantedInJson(accept: string | undefined, match: Match): string | undefined {
  if (accept?.includes(protobuf) !== true || match.type !== 'action') return undefined
  for (const { type, parameters } of parseAccept(accept)) {
    const as = parameters.get('as')
    const isMetadata = as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    if (type !== protobuf) {
      if (type === 'application/yaml' || type === 'application/json' || type === '*/*' || type === 'application/*') return undefined
    } else if (isMetadata && match.route.kind !== undefined)
      return `application/json;as=${as};g=${parameters.get('g') ?? ''};v=${parameters.get('v') ?? ''}`
    else if (as === undefined && hasProtobuf(match.route.speaks.node)) return 'application/json'
  }
  return undefined
}
