import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkPortName, checkPortNumber } from '../../meta/names.ts'
import type { Lifecycle, LifecycleHandler } from '../../types/lifecycle.ts'
import type { Probe } from '../../types/probe.ts'
import { checked, notNegative } from './field-errors.ts'

export type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe'

export function validateProbe(probe: Probe | undefined, field: string, kind: ProbeKind): FieldError[] {
  if (probe === undefined) return []
  const { successThreshold, terminationGracePeriodSeconds: grace } = probe
  return [
    ...validateHandler(probe, field),
    ...(['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const).flatMap((name) =>
      notNegative(`${field}.${name}`, probe[name]),
    ),
    ...(kind !== 'readinessProbe' && successThreshold !== 1
      ? [fieldInvalid(`${field}.successThreshold`, successThreshold, 'must be 1')]
      : []),
    ...(grace === undefined ? [] : validateProbeGrace(grace, field, kind)),
  ]
}

/** A zero here means that nothing was said, as in Go. */
export function setProbeDefaults(probe: Probe | undefined): void {
  if (probe === undefined) return
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  setHttpDefaults(probe)
}

export function setLifecycleDefaults(lifecycle: Lifecycle | undefined): void {
  setHttpDefaults(lifecycle?.postStart)
  setHttpDefaults(lifecycle?.preStop)
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, field: string, graceSeconds: number): FieldError[] {
  return (['postStart', 'preStop'] as const).flatMap((hook) => {
    const handler = lifecycle?.[hook]
    if (handler === undefined) return []
    const errors = validateHandler(handler, `${field}.${hook}`)
    const seconds = handler.sleep?.seconds
    if (seconds !== undefined && (seconds < 0 || seconds > graceSeconds))
      errors.push(
        fieldInvalid(
          `${field}.${hook}.sleep.seconds`,
          seconds,
          `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`,
        ),
      )
    return errors
  })
}

function validateProbeGrace(grace: number, field: string, kind: ProbeKind): FieldError[] {
  const name = `${field}.terminationGracePeriodSeconds`
  if (kind === 'readinessProbe') return [fieldInvalid(name, grace, 'must not be set for readinessProbes')]
  return grace <= 0 ? [fieldInvalid(name, grace, 'must be greater than 0')] : []
}

type Handler = Probe & LifecycleHandler

function validateHandler({ exec, httpGet, tcpSocket, grpc, sleep }: Partial<Handler>, field: string): FieldError[] {
  const given = Object.entries({ exec, httpGet, tcpSocket, grpc, sleep }).filter(([, handler]) => handler !== undefined)
  if (given.length === 0) return [fieldRequired(field, 'must specify a handler type')]
  // Of the first alone it is told what is wrong with it.
  const [first] = given[0] ?? []
  return [
    ...given.slice(1).map(([name]) => fieldForbidden(`${field}.${name}`, 'may not specify more than 1 handler type')),
    ...(first === 'exec' && (exec?.command ?? []).length === 0 ? [fieldRequired(`${field}.exec.command`)] : []),
    ...(first === 'httpGet' && httpGet !== undefined
      ? [
          ...validatePort(httpGet.port, `${field}.httpGet.port`),
          ...(httpGet.httpHeaders ?? []).flatMap(({ name }) => validateHeaderName(name, `${field}.httpGet.httpHeaders`)),
        ]
      : []),
    ...(first === 'tcpSocket' && tcpSocket !== undefined ? validatePort(tcpSocket.port, `${field}.tcpSocket.port`) : []),
    ...(first === 'grpc' && grpc !== undefined ? validatePort(grpc.port, `${field}.grpc.port`) : []),
  ]
}

function setHttpDefaults(handler: Pick<Partial<Handler>, 'httpGet'> | undefined): void {
  if (handler?.httpGet !== undefined) handler.httpGet.path ||= '/'
}

/** A port by number or by the name of one of the container's ports. */
export function validatePort(port: number | string, field: string): FieldError[] {
  if (typeof port === 'string') return checked(field, port, checkPortName)
  return checkPortNumber(port).map((complaint) => fieldInvalid(field, port, complaint))
}

const validateHeaderName = (name: string, field: string): FieldError[] =>
  /^[-A-Za-z0-9]+$/.test(name)
    ? []
    : [
        fieldInvalid(
          field,
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      ]
