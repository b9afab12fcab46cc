import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkDnsLabel, checkIp, checkPortName, checkPortNumber } from '../../meta/names.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { checked, duplicatesOf, requiredAndChecked } from './field-errors.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { pullPolicyOf } from './pull-policy.ts'
import { setLifecycleDefaults, setProbeDefaults, validateLifecycle, validateProbe } from './probes.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { validateResources } from './resources.ts'
import { validateRestartRules } from './restart-policy.ts'
import { validateContainerSecurity } from './security.ts'

export function validateContainers(spec: PodSpec, field: string): FieldError[] {
  const { containers, initContainers = [] } = spec
  if (containers.length === 0) return [fieldRequired(`${field}.containers`)]
  const names = containers.map(({ name }) => name)
  const allNames = [...names, ...initContainers.map(({ name }) => name)]
  return [
    ...containers.flatMap((container, i) => validateContainer(container, `${field}.containers[${i}]`, spec)),
    ...duplicatesOf(names).map((i) => fieldDuplicate(`${field}.containers[${i}].name`, names[i])),
    ...validateHostPorts(containers, `${field}.containers`),
    ...initContainers.flatMap((container, i) => validateInitContainer(container, `${field}.initContainers[${i}]`, spec)),
    ...duplicatesOf(allNames)
      .filter((i) => i >= names.length)
      .map((i) => fieldDuplicate(`${field}.initContainers[${i - names.length}].name`, allNames[i])),
  ]
}

export function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ??= pullPolicyOf(container.image ?? '')
  container.resources ??= {}
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) setProbeDefaults(probe)
  setLifecycleDefaults(container.lifecycle)
}

/** In the network of the node every port of a container is one of the node. A template says so only once it is a pod. */
export function setHostPorts({ hostNetwork, containers, initContainers = [] }: PodSpec): void {
  if (hostNetwork !== true) return
  for (const { ports = [] } of [...containers, ...initContainers]) for (const port of ports) port.hostPort ||= port.containerPort
}

function validateInitContainer(container: Container, field: string, spec: PodSpec): FieldError[] {
  const { restartPolicy, lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  const errors = validateContainer(container, field, spec)
  if (restartPolicy === 'Always') return errors
  const refused = Object.entries({ lifecycle, livenessProbe, readinessProbe, startupProbe }).filter(([, value]) => value !== undefined)
  return [
    ...errors,
    ...refused.map(([name]) => fieldForbidden(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always')),
  ]
}

function validateContainer(container: Container, field: string, spec: PodSpec): FieldError[] {
  return [
    ...validateAnyContainer(container, field, spec),
    ...validateLifecycle(container.lifecycle, `${field}.lifecycle`, spec.terminationGracePeriodSeconds),
    ...validateProbe(container.livenessProbe, `${field}.livenessProbe`, 'livenessProbe'),
    ...validateProbe(container.readinessProbe, `${field}.readinessProbe`, 'readinessProbe'),
    ...validateProbe(container.startupProbe, `${field}.startupProbe`, 'startupProbe'),
    ...validateRestartRules(container, field),
  ]
}

/** What every container is held to, those too that are only looked into a pod with. */
export function validateAnyContainer(container: Container, field: string, spec: PodSpec): FieldError[] {
  const { name, image = '' } = container
  return [
    ...requiredAndChecked(`${field}.name`, name, checkDnsLabel),
    ...(image === '' ? [fieldRequired(`${field}.image`)] : []),
    ...(messagePolicies.includes(container.terminationMessagePolicy)
      ? []
      : [
          fieldInvalid(
            `${field}.terminationMessagePolicy`,
            container.terminationMessagePolicy,
            "must be 'File' or 'FallbackToLogsOnError'",
          ),
        ]),
    ...validatePorts(container, `${field}.ports`, spec),
    ...validateEnv(container.env, `${field}.env`),
    ...validateEnvFrom(container.envFrom, `${field}.envFrom`),
    ...validateMounts(container, `${field}.volumeMounts`, spec),
    ...validateDevices(container, `${field}.volumeDevices`, spec),
    ...validateResources(container.resources, `${field}.resources`),
    ...validateContainerSecurity(container, field),
  ]
}

const messagePolicies: readonly string[] = ['File', 'FallbackToLogsOnError']

/** Of a pod alone: in templates a blank image may stand for one that is filled in later. */
export const validateImages = ({ containers, initContainers = [] }: PodSpec, field: string): FieldError[] =>
  Object.entries({ containers, initContainers }).flatMap(([name, list]) =>
    list.flatMap(({ image = '' }, i) =>
      image === image.trim() ? [] : [fieldInvalid(`${field}.${name}[${i}].image`, image, 'must not have leading or trailing whitespace')],
    ),
  )

function validatePorts({ ports = [] }: Container, field: string, { hostNetwork }: PodSpec): FieldError[] {
  const names = ports.map(({ name }) => name)
  return [
    ...ports.flatMap(({ name = '', containerPort, hostPort = 0, hostIP = '' }, i) => [
      ...(name === '' ? [] : checked(`${field}[${i}].name`, name, checkPortName)),
      ...(containerPort === 0
        ? [fieldRequired(`${field}[${i}].containerPort`)]
        : portNumber(`${field}[${i}].containerPort`, containerPort)),
      ...(hostPort === 0 ? [] : portNumber(`${field}[${i}].hostPort`, hostPort)),
      ...(hostIP === '' ? [] : checked(`${field}[${i}].hostIP`, hostIP, checkIp)),
      ...(hostNetwork === true && hostPort !== 0 && hostPort !== containerPort
        ? [fieldInvalid(`${field}[${i}].containerPort`, containerPort, 'must match `hostPort` when `hostNetwork` is true')]
        : []),
    ]),
    ...duplicatesOf(names).map((i) => fieldDuplicate(`${field}[${i}].name`, names[i])),
  ]
}

const portNumber = (field: string, port: number): FieldError[] =>
  checkPortNumber(port).map((complaint) => fieldInvalid(field, port, complaint))

/** Two containers of a pod share its network, so they cannot both have a port of the node. */
function validateHostPorts(containers: readonly Container[], field: string): FieldError[] {
  const wanted = containers.flatMap(({ ports = [] }, c) => {
    const first = new Map<string, number>()
    return ports.flatMap(({ protocol, hostIP = '', hostPort = 0 }, at) => {
      if (hostPort === 0) return []
      const id = `${protocol}/${hostIP}/${hostPort}`
      const i = first.get(id) ?? at
      first.set(id, i)
      return [{ c, i, id }]
    })
  })
  return duplicatesOf(wanted.map(({ id }) => id)).flatMap((at) => {
    const port = wanted[at]
    return port === undefined ? [] : [fieldDuplicate(`${field}[${port.c}].ports[${port.i}].hostPort`, port.id)]
  })
}
