import type * as z from 'zod'
import { localObjectReference } from './references.ts'
import { f, inlined, message, opt } from './field.ts'
import { bool, quantity, text } from './scalars.ts'

export const objectFieldSelector = message(
  'ObjectFieldSelector',
  {
    apiVersion: f(1, text.default('v1')),
    fieldPath: f(2, text),
  },
  { map: 'atomic' },
)
export type ObjectFieldSelector = z.infer<typeof objectFieldSelector>

export const resourceFieldSelector = message(
  'ResourceFieldSelector',
  {
    containerName: opt(1, text),
    resource: f(2, text),
    divisor: opt(3, quantity),
  },
  { map: 'atomic' },
)
export type ResourceFieldSelector = z.infer<typeof resourceFieldSelector>

export const configMapKeySelector = message(
  'ConfigMapKeySelector',
  {
    ...localObjectReference.shape,
    key: f(2, text),
    optional: opt(3, bool, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)], map: 'atomic' },
)
export type ConfigMapKeySelector = z.infer<typeof configMapKeySelector>

export const secretKeySelector = message(
  'SecretKeySelector',
  {
    ...localObjectReference.shape,
    key: f(2, text),
    optional: opt(3, bool, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)], map: 'atomic' },
)
export type SecretKeySelector = z.infer<typeof secretKeySelector>

export const fileKeySelector = message(
  'FileKeySelector',
  {
    volumeName: f(1, text),
    path: f(2, text),
    key: f(3, text),
    optional: f(4, bool.default(false), { ptr: true }),
  },
  { map: 'atomic' },
)
export type FileKeySelector = z.infer<typeof fileKeySelector>

export const envVarSource = message('EnvVarSource', {
  fieldRef: opt(1, objectFieldSelector, { description: 'A field of the pod, such as metadata.name.' }),
  resourceFieldRef: opt(2, resourceFieldSelector, { description: 'A request or limit of a container.' }),
  configMapKeyRef: opt(3, configMapKeySelector, { description: 'One entry of a ConfigMap.' }),
  secretKeyRef: opt(4, secretKeySelector, { description: 'One entry of a Secret.' }),
  fileKeyRef: opt(5, fileKeySelector),
})
export type EnvVarSource = z.infer<typeof envVarSource>

export const envVar = message('EnvVar', {
  name: f(1, text, { description: 'The name of the variable.' }),
  value: opt(2, text, { description: 'Its value; $(NAME) stands for an earlier variable.' }),
  valueFrom: opt(3, envVarSource, { description: 'Where else the value comes from.' }),
})
export type EnvVar = z.infer<typeof envVar>

export const configMapEnvSource = message(
  'ConfigMapEnvSource',
  {
    ...localObjectReference.shape,
    optional: opt(2, bool, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)] },
)
export type ConfigMapEnvSource = z.infer<typeof configMapEnvSource>

export const secretEnvSource = message(
  'SecretEnvSource',
  {
    ...localObjectReference.shape,
    optional: opt(2, bool, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)] },
)
export type SecretEnvSource = z.infer<typeof secretEnvSource>

export const envFromSource = message('EnvFromSource', {
  prefix: opt(1, text),
  configMapRef: opt(2, configMapEnvSource),
  secretRef: opt(3, secretEnvSource),
})
export type EnvFromSource = z.infer<typeof envFromSource>
