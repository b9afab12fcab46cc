import { type FieldError, fieldForbidden } from '../../api-error.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { SecurityContext } from '../../types/security-context.ts'
import type { Volume } from '../../types/volume.ts'

/** The pod, or the template of pods: `labels` and the like do not matter here, annotations may ask for AppArmor. */
export type PodLike = { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> }; readonly spec: PodSpec }

/**
 * What a pod asks for that no node does, each by its field: to run it without would be to do something else than was asked for, and
 * where it is about security, less. Values that say what is so anyway pass (`hostUsers: true`, `procMount: Default`). The hub refuses
 * such pods when they are created and warns of such templates; a node refuses them once more.
 */
export function unservedIn({ metadata, spec }: PodLike, field = ''): FieldError[] {
  const at = field === '' ? 'spec' : `${field}.spec`
  const { securityContext: context, resources } = spec
  return [
    ...appArmorAnnotations(metadata?.annotations ?? {}, field === '' ? 'metadata' : `${field}.metadata`),
    ...refuse([
      [given(spec.runtimeClassName), `${at}.runtimeClassName`, 'every container runs with runc: leave it out'],
      [given(spec.overhead), `${at}.overhead`, 'there are no runtime classes to have one: add it to the requests of a container'],
      [spec.hostUsers === false, `${at}.hostUsers`, 'containers get no user namespace: run as another user with runAsUser'],
      [spec.setHostnameAsFQDN === true, `${at}.setHostnameAsFQDN`, 'the host name is the short one: use spec.hostname and spec.subdomain'],
      [given(spec.ephemeralContainers), `${at}.ephemeralContainers`, 'use a container of the pod'],
      [given(spec.resourceClaims), `${at}.resourceClaims`, 'devices are not claimed: mount them with hostPath'],
      [
        given(resources?.limits) || given(resources?.requests) || given(resources?.claims),
        `${at}.resources`,
        'resources are those of containers: set them in spec.containers[*].resources',
      ],
      [
        context.supplementalGroupsPolicy === 'Strict',
        `${at}.securityContext.supplementalGroupsPolicy`,
        'the groups of the image are always merged: use Merge',
      ],
      [context.seLinuxChangePolicy === 'MountOption', `${at}.securityContext.seLinuxChangePolicy`, 'nodes have no SELinux: leave it out'],
    ]),
    ...confinementIn(context, `${at}.securityContext`),
    ...(spec.volumes ?? []).flatMap((volume, i) => volumeIn(volume, `${at}.volumes[${i}]`)),
    ...(['initContainers', 'containers'] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, i) => containerIn(container, `${at}.${list}[${i}]`)),
    ),
  ]
}

type Rule = readonly [isAsked: boolean, field: string, whatToDo: string]

const refuse = (rules: readonly Rule[]): FieldError[] =>
  rules.flatMap(([isAsked, field, whatToDo]) => (isAsked ? [fieldForbidden(field, `is not served by this version: ${whatToDo}`)] : []))

/** Something is in it: `""`, `[]`, `{}` and what is absent ask for nothing. */
const given = (value: string | object | undefined): boolean =>
  typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined && value !== ''

function containerIn({ lifecycle, resources, volumeMounts = [], env = [], ...container }: Container, at: string): FieldError[] {
  return [
    ...confinementIn(container.securityContext, `${at}.securityContext`),
    ...refuse([
      [given(container.volumeDevices), `${at}.volumeDevices`, 'there are no block volumes: mount the device with hostPath'],
      [given(container.restartPolicyRules), `${at}.restartPolicyRules`, 'use restartPolicy'],
      [given(lifecycle?.stopSignal), `${at}.lifecycle.stopSignal`, 'set STOPSIGNAL in the image, or send the signal in a preStop hook'],
      [given(resources.claims), `${at}.resources.claims`, 'devices are not claimed: mount them with hostPath'],
      ...env.map(({ valueFrom }, i): Rule => [
        valueFrom?.fileKeyRef !== undefined,
        `${at}.env[${i}].valueFrom.fileKeyRef`,
        'use configMapKeyRef or secretKeyRef',
      ]),
      ...volumeMounts.flatMap(({ recursiveReadOnly, bindMountOptions }, i): Rule[] => [
        [recursiveReadOnly === 'Enabled', `${at}.volumeMounts[${i}].recursiveReadOnly`, 'use IfPossible'],
        [given(bindMountOptions), `${at}.volumeMounts[${i}].bindMountOptions`, 'leave them out'],
      ]),
    ]),
  ]
}

type Confinement = Pick<SecurityContext, 'seLinuxOptions' | 'windowsOptions' | 'appArmorProfile' | 'seccompProfile'>

/** Nodes confine by seccomp, capabilities and users. What they do not enforce must not look enforced. */
const confinementIn = (context: Confinement | undefined, at: string): FieldError[] =>
  refuse([
    [given(context?.seLinuxOptions), `${at}.seLinuxOptions`, 'nodes have no SELinux: leave it out'],
    [given(context?.windowsOptions), `${at}.windowsOptions`, 'nodes run Linux: leave it out'],
    [
      context?.appArmorProfile !== undefined && context.appArmorProfile.type !== 'Unconfined',
      `${at}.appArmorProfile`,
      'nodes load no AppArmor profiles: leave it out and confine with seccompProfile and capabilities',
    ],
    [
      context?.seccompProfile?.type === 'Localhost',
      `${at}.seccompProfile.localhostProfile`,
      'nodes have no profiles of their own: use RuntimeDefault',
    ],
  ])

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

const appArmorAnnotations = (annotations: Readonly<Record<string, string>>, at: string): FieldError[] =>
  Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith(appArmorPrefix) && value !== 'unconfined'
      ? [fieldForbidden(`${at}.annotations[${key}]`, 'is not served by this version: nodes load no AppArmor profiles: leave it out')]
      : [],
  )

const servedVolumes = ['configMap', 'secret', 'downwardAPI', 'projected', 'emptyDir', 'hostPath']

function volumeIn(volume: Volume, at: string): FieldError[] {
  const { emptyDir, secret, configMap, downwardAPI, projected } = volume
  const { medium = '' } = emptyDir ?? {}
  return [
    ...Object.entries(volume).flatMap(([source, value]) =>
      source === 'name' || value === undefined || servedVolumes.includes(source)
        ? []
        : refuse([[true, `${at}.${source}`, `a volume is one of ${servedVolumes.join(', ')}`]]),
    ),
    ...refuse([
      [medium !== '' && medium !== 'Memory', `${at}.emptyDir.medium`, 'leave it out for the disk, or use Memory'],
      ...Object.entries({ secret, configMap, downwardAPI }).flatMap(([name, source]) => ownerRules(source, `${at}.${name}`)),
      [projected?.defaultUser !== undefined, `${at}.projected.defaultUser`, 'use fsGroup'],
      ...(projected?.sources ?? []).flatMap(({ secret, configMap, downwardAPI, ...others }, i): Rule[] => [
        ...Object.entries({ secret, configMap, downwardAPI }).flatMap(([name, source]) =>
          ownerRules(source, `${at}.projected.sources[${i}].${name}`),
        ),
        ...Object.entries(others).map(([name, source]): Rule => [
          source !== undefined,
          `${at}.projected.sources[${i}].${name}`,
          'use configMap, secret or downwardAPI',
        ]),
      ]),
    ]),
  ]
}

type Files = { readonly defaultUser?: number; readonly items?: readonly { readonly user?: number }[] }

const ownerRules = (files: Files | undefined, at: string): Rule[] => [
  [files?.defaultUser !== undefined, `${at}.defaultUser`, 'use fsGroup'],
  ...(files?.items ?? []).map(({ user }, i): Rule => [user !== undefined, `${at}.items[${i}].user`, 'use fsGroup']),
]
