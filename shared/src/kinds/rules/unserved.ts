import { type FieldError, fieldForbidden } from '../../api/api-error.ts'
import { isCapability } from '../../meta/capability.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { SecurityContext } from '../../types/security-context.ts'
import type { Volume } from '../../types/volume.ts'
import { appArmorPrefix } from './pod-annotations.ts'
import { commonVolumeSources, furtherSourcesOf } from './volume-sources.ts'

/** The pod, or the template of pods: `labels` and the like do not matter here, annotations may ask for AppArmor. */
export type PodLike = { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> }; readonly spec: PodSpec }

/** `field`: where the pod stands. `mounted`: sources of volumes that are mounted beside those that every node mounts. */
type Asked = { readonly field?: string; readonly mounted?: ReadonlySet<string> | undefined }
const none: ReadonlySet<string> = new Set()

/**
 * What a pod asks for that no node does, each by its field: to run it without would be to do something else than was asked for, and
 * where it is about security, less. Values that say what is so anyway pass (`hostUsers: true`, `procMount: Default`). The hub refuses
 * such pods when they are created and warns of such templates; a node refuses them once more.
 */
export function unservedIn({ metadata, spec }: PodLike, { field = '', mounted = none }: Asked = {}): FieldError[] {
  const found: FieldError[] = []
  // Every pod comes by here and hardly any asks for such a thing, so a path is put together only where one does.
  const refuse: Refuse = (path, whatToDo) => {
    found.push(unserved(field === '' ? path : `${field}.${path}`, whatToDo))
  }
  for (const key of Object.keys(metadata?.annotations ?? {}))
    if (key.startsWith(appArmorPrefix) && metadata?.annotations?.[key] !== 'unconfined')
      refuse(`metadata.annotations[${key}]`, 'nodes load no AppArmor profiles: leave it out')
  podIn(spec, refuse)
  for (const [i, volume] of (spec.volumes ?? []).entries())
    volumeIn(volume, mounted, (path, whatToDo) => refuse(`spec.volumes[${i}].${path}`, whatToDo))
  for (const list of ['initContainers', 'containers'] as const)
    for (const [i, container] of (spec[list] ?? []).entries())
      containerIn(container, (path, whatToDo) => refuse(`spec.${list}[${i}].${path}`, whatToDo))
  return found
}

/** What one of the containers with which somebody looks into a pod asks for that no node does. */
export function unservedEphemeralIn({ ephemeralContainers = [] }: PodSpec, at: number): FieldError[] {
  const found: FieldError[] = []
  const container = ephemeralContainers[at]
  if (container !== undefined)
    containerIn(container, (path, whatToDo) => found.push(unserved(`spec.ephemeralContainers[${at}].${path}`, whatToDo)))
  return found
}

/** What it may ask for although no node sees to it, as sentences. */
export function unenforcedEphemeralIn({ ephemeralContainers = [] }: PodSpec, at: number): string[] {
  const asks = given(ephemeralContainers[at]?.securityContext?.seLinuxOptions)
  return asks ? [`spec.ephemeralContainers[${at}].securityContext.seLinuxOptions: ${withoutSeLinux}`] : []
}

const withoutSeLinux = 'has no effect on nodes without SELinux, and no node has it'

const unserved = (field: string, whatToDo: string): FieldError => fieldForbidden(field, `is not served by this version: ${whatToDo}`)

/**
 * What a pod may ask for although no node sees to it, each as a sentence for its sender: its containers run all the same, less
 * bounded or less confined than it says.
 */
export function unenforcedIn({ metadata, spec }: PodLike, field = ''): string[] {
  const at = field === '' ? '' : `${field}.`
  const containers = (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).map(({ resources, resizePolicy }, i) => ({ resources, resizePolicy, path: `spec.${list}[${i}]` })),
  )
  return [
    ...Object.keys(metadata?.annotations ?? {})
      .filter((key) => key === seccompKey || key.startsWith(`container.${seccompPrefix}`))
      .map((key) => `${at}metadata.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`),
    ...containers
      .filter(({ resources }) => resources.limits?.['ephemeral-storage'] !== undefined)
      .map(
        ({ path }) =>
          `${at}${path}.resources.limits[ephemeral-storage]: is not enforced by this version: what is written to the disk is not counted`,
      ),
    ...containers
      .filter(({ resizePolicy }) => given(resizePolicy))
      .map(({ path }) => `${at}${path}.resizePolicy: is not acted on by this version: resources of a running container stay as they are`),
    ...seLinuxIn(spec).map((path) => `${at}${path}: ${withoutSeLinux}`),
    ...((spec.priority ?? 0) > 0 && spec.preemptionPolicy === 'PreemptLowerPriority'
      ? [`${at}spec.preemptionPolicy: is not acted on by this version: the pod is placed before others, none is ended to make room for it`]
      : []),
    ...(spec.volumes ?? []).flatMap(({ emptyDir }, i) =>
      emptyDir?.sizeLimit === undefined || emptyDir.medium === 'Memory'
        ? []
        : [`${at}spec.volumes[${i}].emptyDir.sizeLimit: is not enforced by this version on the disk: use medium Memory`],
    ),
  ]
}

/** Where SELinux is asked for. The names say how a policy of the node is to be applied, so without one they confine nothing: as in Kubernetes. */
function seLinuxIn({ securityContext, initContainers = [], containers = [] }: PodSpec): string[] {
  const found = given(securityContext.seLinuxOptions) ? ['spec.securityContext.seLinuxOptions'] : []
  if (securityContext.seLinuxChangePolicy === 'MountOption') found.push('spec.securityContext.seLinuxChangePolicy')
  for (const [list, all] of Object.entries({ initContainers, containers }))
    for (const [i, each] of all.entries())
      if (given(each.securityContext?.seLinuxOptions)) found.push(`spec.${list}[${i}].securityContext.seLinuxOptions`)
  return found
}

type Refuse = (path: string, whatToDo: string) => void

const seccompPrefix = 'seccomp.security.alpha.kubernetes.io/'
const seccompKey = `${seccompPrefix}pod`

/** Something is in it: `""`, `[]`, `{}` and what is absent ask for nothing. */
function given(value: string | object | undefined): boolean {
  if (value === undefined || value === '') return false
  return typeof value === 'string' || Object.keys(value).length > 0
}

function podIn(spec: PodSpec, refuse: Refuse): void {
  const { resources, securityContext } = spec
  if (given(spec.runtimeClassName)) refuse('spec.runtimeClassName', 'every container runs with runc: leave it out')
  if (given(spec.overhead)) refuse('spec.overhead', 'there are no runtime classes to have one: add it to the requests of a container')
  if (spec.hostUsers === false) refuse('spec.hostUsers', 'containers get no user namespace: run as another user with runAsUser')
  if (given(spec.resourceClaims)) refuse('spec.resourceClaims', 'devices are not claimed: mount them with hostPath')
  if (given(resources?.limits) || given(resources?.requests) || given(resources?.claims))
    refuse('spec.resources', 'resources are those of containers: set them in spec.containers[*].resources')
  if (securityContext.supplementalGroupsPolicy === 'Strict')
    refuse('spec.securityContext.supplementalGroupsPolicy', 'the groups of the image are always merged: use Merge')
  confinementIn(securityContext, 'spec.securityContext', refuse)
}

function containerIn(container: Container, refuse: Refuse): void {
  const { lifecycle, resources, volumeMounts = [], env = [] } = container
  confinementIn(container.securityContext, 'securityContext', refuse)
  if (container.securityContext?.procMount === 'Unmasked')
    refuse('securityContext.procMount', 'it needs a user namespace, which containers do not get: leave it out')
  for (const list of ['add', 'drop'] as const)
    for (const [i, name] of (container.securityContext?.capabilities?.[list] ?? []).entries())
      if (!isCapability(name))
        refuse(`securityContext.capabilities.${list}[${i}]`, `Linux has no capability ${name}: look for it in capabilities(7)`)
  if (given(container.volumeDevices)) refuse('volumeDevices', 'there are no block volumes: mount the device with hostPath')
  for (const [i, { action }] of (container.restartPolicyRules ?? []).entries())
    if (action === 'RestartAllContainers') refuse(`restartPolicyRules[${i}].action`, 'use Restart')
  if (given(lifecycle?.stopSignal)) refuse('lifecycle.stopSignal', 'set STOPSIGNAL in the image, or send the signal in a preStop hook')
  if (given(resources.claims)) refuse('resources.claims', 'devices are not claimed: mount them with hostPath')
  for (const [i, { valueFrom }] of env.entries())
    if (valueFrom?.fileKeyRef !== undefined) refuse(`env[${i}].valueFrom.fileKeyRef`, 'use configMapKeyRef or secretKeyRef')
  for (const [i, { recursiveReadOnly, bindMountOptions }] of volumeMounts.entries()) {
    if (recursiveReadOnly === 'Enabled') refuse(`volumeMounts[${i}].recursiveReadOnly`, 'use IfPossible')
    if (given(bindMountOptions)) refuse(`volumeMounts[${i}].bindMountOptions`, 'leave them out')
  }
}

type Confinement = Pick<SecurityContext, 'windowsOptions' | 'appArmorProfile' | 'seccompProfile'>

/** Nodes confine by seccomp, capabilities and users. What they do not enforce must not look enforced. */
function confinementIn(context: Confinement | undefined, at: string, refuse: Refuse): void {
  if (context === undefined) return
  if (given(context.windowsOptions)) refuse(`${at}.windowsOptions`, 'nodes run Linux: leave it out')
  if (context.appArmorProfile !== undefined && context.appArmorProfile.type !== 'Unconfined')
    refuse(`${at}.appArmorProfile`, 'nodes load no AppArmor profiles: leave it out and confine with seccompProfile and capabilities')
  if (context.seccompProfile?.type === 'Localhost')
    refuse(`${at}.seccompProfile.localhostProfile`, 'nodes have no profiles of their own: use RuntimeDefault')
}

const servedProjections = ['configMap', 'secret', 'downwardAPI'] as const
const knownInProjections = new Set<string>([...servedProjections, 'serviceAccountToken'])

function volumeIn(volume: Volume, mounted: ReadonlySet<string>, refuse: Refuse): void {
  for (const source of furtherSourcesOf([volume]))
    if (!mounted.has(source)) refuse(source, `a volume is one of ${[...commonVolumeSources, ...mounted].join(', ')}`)
  const { medium = '' } = volume.emptyDir ?? {}
  if (medium !== '' && medium !== 'Memory') refuse('emptyDir.medium', 'leave it out for the disk, or use Memory')
  for (const source of servedProjections) ownersIn(volume[source], (path) => refuse(`${source}.${path}`, 'use fsGroup'))
  ownersIn(volume.projected, (path) => refuse(`projected.${path}`, 'use fsGroup'))
  for (const [i, projection] of (volume.projected?.sources ?? []).entries()) {
    const inProjection: Refuse = (path, whatToDo) => refuse(`projected.sources[${i}].${path}`, whatToDo)
    for (const source of Object.keys(projection))
      if (!knownInProjections.has(source)) inProjection(source, 'use configMap, secret, downwardAPI or serviceAccountToken')
    if (projection.serviceAccountToken?.user !== undefined) inProjection('serviceAccountToken.user', 'use fsGroup')
    for (const source of servedProjections) ownersIn(projection[source], (path) => inProjection(`${source}.${path}`, 'use fsGroup'))
  }
}

type Files = { readonly defaultUser?: number; readonly items?: readonly { readonly user?: number }[] }

function ownersIn(files: Files | undefined, refuse: (path: string) => void): void {
  if (files?.defaultUser !== undefined) refuse('defaultUser')
  for (const [i, { user }] of (files?.items ?? []).entries()) if (user !== undefined) refuse(`items[${i}].user`)
}
