import { rule } from './admission-webhook.ts'

const group = '/apis/admissionregistration.k8s.io/v1'
const beta = '/apis/admissionregistration.k8s.io/v1beta1'
export const policiesAt = (name = '') => `${group}/validatingadmissionpolicies${name === '' ? '' : `/${name}`}`
export const bindingsAt = (name = '') => `${group}/validatingadmissionpolicybindings${name === '' ? '' : `/${name}`}`

/** About ConfigMaps, unless it says otherwise. */
export const policy = (name: string, spec: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: { resourceRules: [rule('configmaps')] }, ...spec },
})

export const binding = (policyName: string, spec: object = {}, name = `${policyName}-binding`) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName, validationActions: ['Deny'], ...spec },
})

export const mutatingAt = (name = '') => `${beta}/mutatingadmissionpolicies${name === '' ? '' : `/${name}`}`
export const mutatingBindingsAt = (name = '') => `${beta}/mutatingadmissionpolicybindings${name === '' ? '' : `/${name}`}`

export const applyOf = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
export const jsonPatchBy = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })

/** About new ConfigMaps, unless it says otherwise. */
export const mutatingPolicy = (name: string, spec: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1beta1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: { resourceRules: [rule('configmaps')] }, reinvocationPolicy: 'Never', ...spec },
})

export const mutatingBinding = (policyName: string, spec: object = {}, name = `${policyName}-binding`) => ({
  apiVersion: 'admissionregistration.k8s.io/v1beta1',
  kind: 'MutatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName, ...spec },
})
