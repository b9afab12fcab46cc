import { isObject } from '@bramble/shared/json/is-object.ts'
import { parseObject } from '@bramble/shared/json/parse-object.ts'
import type { PodSandboxStatus, SandboxNetwork } from './cri.ts'

/**
 * The network of a sandbox, from its status and the JSON that runtimes put into `PodSandboxStatus(verbose).info["info"]`. It is the machine's only where the
 * status says so: that no namespace is told does not make it so, since whoever connects there reaches what the machine has for itself alone.
 */
export function networkFacts({ linux }: Pick<PodSandboxStatus, 'linux'>, info: string | undefined): SandboxNetwork {
  const options = linux?.namespaces?.options
  if (options?.network === 'NODE') return { of: 'host' }
  if (options?.network !== 'POD') return { of: 'nobody knows' }
  const facts = parseObject(info)
  const file = namespaceFile(facts?.['runtimeSpec'])
  if (file !== undefined) return { of: 'pod', file }
  const pid = facts?.['pid']
  return Number.isInteger(pid) && Number(pid) > 1 ? { of: 'pod', file: `/proc/${Number(pid)}/ns/net` } : { of: 'nobody knows' }
}

/** As the sandbox was made with it (OCI runtime specification, `linux.namespaces`). */
function namespaceFile(spec: unknown): string | undefined {
  const linux = isObject(spec) ? spec['linux'] : undefined
  const namespaces = isObject(linux) ? linux['namespaces'] : undefined
  if (!Array.isArray(namespaces)) return undefined
  const network: unknown = namespaces.find((each: unknown) => isObject(each) && each['type'] === 'network')
  const path = isObject(network) ? network['path'] : undefined
  return typeof path === 'string' && path.startsWith('/') ? path : undefined
}
