import { addressOf } from '../../host/address-of.ts'
import { readNodeResolver } from '../config/node-resolver.ts'
import type { HandlerTarget } from './handler.ts'

/** By name servers of the node and the domains that it searches. */
export const findHost = (host: string, { lookup = addressOf }: HandlerTarget, signal: AbortSignal): Promise<string> =>
  lookup(host, signal, { searches: async () => (await readNodeResolver({ isHostNetwork: true })).searches })
