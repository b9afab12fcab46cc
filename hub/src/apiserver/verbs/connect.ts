import {
  nodeProxyOptions,
  podAttachOptions,
  podExecOptions,
  podPortForwardOptions,
  podProxyOptions,
  serviceProxyOptions,
} from '@bramble/shared/types/connect-options.ts'
import { badRequest } from '@bramble/shared/api/api-error.ts'
import type * as z from 'zod'
import { type PostedType, postedType } from '../bodies/body-of.ts'
import type { Call } from '../call.ts'
import { isTrue } from '../query/request-info.ts'
import { askToConnect } from './asked.ts'

const typeOf = <T>(kind: string, schema: z.ZodType<T>): PostedType<T> =>
  postedType({ group: '', version: 'v1', kind, resource: kind.toLowerCase(), schema })

const path = (_query: URLSearchParams, below: string) => ({ ...(below !== '' && { path: below }) })

/** What can be connected to, and the options that the query of such a request says. `below`: what of the path comes after the subresource. */
export const connections = {
  'pods/exec': connection(typeOf('PodExecOptions', podExecOptions), (query) => {
    const command = query.getAll('command')
    return { ...streamsOf(query), ...(command.length > 0 && { command }) }
  }),
  'pods/attach': connection(typeOf('PodAttachOptions', podAttachOptions), streamsOf),
  'pods/portforward': connection(typeOf('PodPortForwardOptions', podPortForwardOptions), (query) => {
    const ports = query.getAll('ports').flatMap((text) => text.split(',').map(portOf))
    return ports.length > 0 ? { ports } : {}
  }),
  'pods/proxy': connection(typeOf('PodProxyOptions', podProxyOptions), path),
  'services/proxy': connection(typeOf('ServiceProxyOptions', serviceProxyOptions), path),
  'nodes/proxy': connection(typeOf('NodeProxyOptions', nodeProxyOptions), path),
}

export type Connection<T extends object> = {
  /** Of the options, which are also what discovery tells of the subresource. */
  readonly type: PostedType<T>
  /**
   * Asks webhooks and policies about a connection, as CONNECT of its subresource, and gives its options as they leave them. Throws where one refuses.
   * To be called once its caller is known to be allowed and before anything of it is begun (Kubernetes: Admission Webhooks, operation CONNECT).
   */
  admit(call: Call, below?: string): Promise<T>
}

function connection<T extends object>(type: PostedType<T>, read: (query: URLSearchParams, below: string) => T): Connection<T> {
  return {
    type,
    async admit(call, below = '') {
      const { caller, info, request } = call
      const options: T = { kind: type.kind, apiVersion: type.apiVersion, ...read(request.query, below) }
      // Nobody comes to own anything by it, and there is nothing that a dry run would leave out.
      const origin = { ...caller, manager: '', operation: 'create', subresource: info.subresource, dryRun: false } as const
      await askToConnect({ ...call, origin }, type, options)
      return options
    },
  }
}

/** As Go's decoder leaves out what is false or empty. */
function streamsOf(query: URLSearchParams) {
  const on = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => isTrue(query.get(name)))
  const container = query.get('container') ?? ''
  return { ...Object.fromEntries(on.map((name) => [name, true])), ...(container !== '' && { container }) }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw badRequest(`ports: Invalid value: ${JSON.stringify(text)}: must be between 1 and 65535, inclusive`)
  return port
}
