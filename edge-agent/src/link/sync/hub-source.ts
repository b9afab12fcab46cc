import type { Cache } from '../../cache/cache.ts'
import type { Source } from '../../cache/source.ts'
import { configMaps, endpointSlices, nodes, pods, secrets, services } from '../../resources.ts'

/** The hub as one of those who say what this node wants. */
export const hubSource = (cache: Pick<Cache, 'source'>): Source =>
  cache.source('hub', [pods, services, endpointSlices, nodes, configMaps, secrets])
