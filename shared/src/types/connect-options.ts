import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { bool, int32, text } from './scalars.ts'

const typed = { apiVersion: text.optional(), kind: text.optional() }
const streams = { stdin: opt(1, bool), stdout: opt(2, bool), stderr: opt(3, bool), tty: opt(4, bool), container: opt(5, text) }
const proxied = (type: string) => message(`v1.${type}`, { ...typed, path: opt(1, text) })

/** `kubectl exec`: which streams are wanted of a command in a container. */
export const podExecOptions = message('v1.PodExecOptions', { ...typed, ...streams, command: f(6, z.array(text).optional()) })
/** `kubectl attach` */
export const podAttachOptions = message('v1.PodAttachOptions', { ...typed, ...streams })
/** `kubectl port-forward`: to which ports of a pod. */
export const podPortForwardOptions = message('v1.PodPortForwardOptions', { ...typed, ports: opt(1, z.array(int32)) })
/** A request that is handed on: the path at which the server behind it is asked. */
export const podProxyOptions = proxied('PodProxyOptions')
export const serviceProxyOptions = proxied('ServiceProxyOptions')
export const nodeProxyOptions = proxied('NodeProxyOptions')
