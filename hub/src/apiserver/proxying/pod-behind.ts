import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Call } from '../call.ts'
import { nodeOf, podOf } from '../pods/pod-of.ts'
import { goneOf } from '../pods/while-allowed.ts'
import { dialPlace } from './dial-place.ts'
import type { Behind } from './proxy-to.ts'
import { portNumber, type TargetName } from './target-name.ts'

/** A port of a pod: the one that is said, else the first that it declares, else the usual one of the protocol. */
export function podBehind({ name, port: said, isTls }: TargetName, call: Call): Behind {
  const pod = podOf(call.api, { ...call.info, name })
  const port = said === '' ? (firstPort(pod) ?? (isTls ? 443 : 80)) : portNumber(said)
  if (port === undefined) throw badRequest(`invalid pod request: port ${JSON.stringify(said)} must be a number between 1 and 65535`)
  const node = nodeOf(pod)
  const host = pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? ''
  if (host === '') throw badRequest(`pod ${name} has no address yet`)
  const place = { host, port, pod: { node, uid: pod.metadata.uid ?? '' } }
  return { dial: (signal) => dialPlace(call, place, signal), gone: () => goneOf(call, pod) }
}

const firstPort = ({ spec }: Pod): number | undefined => spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort
