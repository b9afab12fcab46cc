import * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { bool, int64, text } from './scalars.ts'

export const capabilities = message('Capabilities', {
  add: opt(1, z.array(text), { list: 'atomic' }),
  drop: opt(2, z.array(text), { list: 'atomic' }),
})
export type Capabilities = z.infer<typeof capabilities>

export const seLinuxOptions = message('SELinuxOptions', {
  user: opt(1, text),
  role: opt(2, text),
  type: opt(3, text),
  level: opt(4, text),
})
export type SELinuxOptions = z.infer<typeof seLinuxOptions>

export const windowsSecurityContextOptions = message('WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: opt(1, text, { ptr: true }),
  gmsaCredentialSpec: opt(2, text, { ptr: true }),
  runAsUserName: opt(3, text, { ptr: true }),
  hostProcess: opt(4, bool, { ptr: true }),
})
export type WindowsSecurityContextOptions = z.infer<typeof windowsSecurityContextOptions>

export const seccompProfile = message('SeccompProfile', {
  type: f(1, oneOf('Localhost', 'RuntimeDefault', 'Unconfined')),
  localhostProfile: opt(2, text, { ptr: true }),
})
export type SeccompProfile = z.infer<typeof seccompProfile>

export const appArmorProfile = message('AppArmorProfile', {
  type: f(1, oneOf('Localhost', 'RuntimeDefault', 'Unconfined')),
  localhostProfile: opt(2, text, { ptr: true }),
})
export type AppArmorProfile = z.infer<typeof appArmorProfile>

export const securityContext = message('SecurityContext', {
  capabilities: opt(1, capabilities),
  privileged: opt(2, bool, { ptr: true }),
  seLinuxOptions: opt(3, seLinuxOptions),
  windowsOptions: opt(10, windowsSecurityContextOptions),
  runAsUser: opt(4, int64, { ptr: true }),
  runAsGroup: opt(8, int64, { ptr: true }),
  runAsNonRoot: opt(5, bool, { ptr: true }),
  readOnlyRootFilesystem: opt(6, bool, { ptr: true }),
  allowPrivilegeEscalation: opt(7, bool, { ptr: true }),
  procMount: opt(9, oneOf('Default', 'Unmasked'), { ptr: true }),
  seccompProfile: opt(11, seccompProfile),
  appArmorProfile: opt(12, appArmorProfile),
})
export type SecurityContext = z.infer<typeof securityContext>

export const sysctl = message('Sysctl', {
  name: f(1, text),
  value: f(2, text),
})
export type Sysctl = z.infer<typeof sysctl>

export const podSecurityContext = message('PodSecurityContext', {
  seLinuxOptions: opt(1, seLinuxOptions),
  windowsOptions: opt(8, windowsSecurityContextOptions),
  runAsUser: opt(2, int64, { ptr: true }),
  runAsGroup: opt(6, int64, { ptr: true }),
  runAsNonRoot: opt(3, bool, { ptr: true }),
  supplementalGroups: opt(4, z.array(int64), { list: 'atomic' }),
  supplementalGroupsPolicy: opt(12, oneOf('Merge', 'Strict'), { ptr: true }),
  fsGroup: opt(5, int64, { ptr: true }),
  sysctls: opt(7, z.array(sysctl), { list: 'atomic' }),
  fsGroupChangePolicy: opt(9, oneOf('Always', 'OnRootMismatch'), { ptr: true }),
  seccompProfile: opt(10, seccompProfile),
  appArmorProfile: opt(11, appArmorProfile),
  seLinuxChangePolicy: opt(13, oneOf('MountOption', 'Recursive'), { ptr: true }),
})
export type PodSecurityContext = z.infer<typeof podSecurityContext>
