import { rule } from './admission-webhook.ts'

const group = '/apis/admissionregistration.k8s.io/v1'
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
