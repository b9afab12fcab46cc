const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const webhook = {
  ...{ name: 'check.example.com', clientConfig: { service: { namespace: 'default', name: 'check' } }, rules: [rule] },
  ...{ sideEffects: 'None', admissionReviewVersions: ['v1'] },
  // Nothing that is made beside it has this.
  objectSelector: { matchLabels: { checked: 'yes' } },
}

/** Of CN=jo, signed with Ed25519; nobody kept the key. */
const der =
  'MIGMMEACAQAwDTELMAkGA1UEAxMCam8wKjAFBgMrZXADIQAGrtTGC9ADEL2mUlnYBlVR+eaAIXEOm3dEy9T9Ne1S4aAAMAUGAytlcANBAGQfVKl0Y9Ht9QHfncKICjHQ' +
  'Lr9dz7Mxl6y8rcRkrGgZBGjPYUb35+Weyce10s9Ya/a/xMoD22h2l5Exo7sREgw='
const request = Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----\n${der}\n-----END CERTIFICATE REQUEST-----\n`).toString('base64')

/**
 * For tests: what a user writes of a kind at least, beside its metadata, with the structs that a zero can stand in. By kind, and by group where
 * there are two of a name.
 */
export const leastManifests: Readonly<Record<string, object>> = {
  Role: { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
  ClusterRole: { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
  RoleBinding: { roleRef, subjects: [{ kind: 'User', name: 'jo' }] },
  ClusterRoleBinding: { roleRef, subjects: [{ kind: 'User', name: 'jo' }] },
  IPAddress: { spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } } },
  ServiceCIDR: { spec: { cidrs: ['10.44.0.0/24'] } },
  PriorityClass: { value: 5 },
  RuntimeClass: { handler: 'kata', scheduling: { tolerations: [{ key: 'a', operator: 'Exists' }] } },
  StorageClass: { provisioner: 'example.com/nfs', allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }] },
  VolumeAttributesClass: { driverName: 'csi.example.com', parameters: { iops: '10' } },
  CSIDriver: { spec: { tokenRequests: [{ audience: '' }] } },
  CSINode: { spec: { drivers: [{ name: 'csi.example.com', nodeID: 'i-1' }] } },
  CSIStorageCapacity: { storageClassName: 'fast', capacity: '10Gi' },
  'Event.events.k8s.io': {
    ...{ eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal', reason: 'R', action: 'A' },
    ...{ regarding: { kind: 'Pod', name: 'x', namespace: 'default' }, reportingController: 'c', reportingInstance: 'i' },
  },
  MutatingWebhookConfiguration: { webhooks: [webhook] },
  ValidatingWebhookConfiguration: { webhooks: [webhook] },
  ValidatingAdmissionPolicy: { spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] } },
  MutatingAdmissionPolicy: {
    spec: {
      ...{ matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never' },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/x"}]' } }],
    },
  },
  MutatingAdmissionPolicyBinding: { spec: { policyName: 'none' } },
  ValidatingAdmissionPolicyBinding: { spec: { policyName: 'small', validationActions: ['Deny'] } },
  CertificateSigningRequest: { spec: { request, signerName: 'example.com/signer', usages: ['client auth'] } },
  VolumeAttachment: { spec: { attacher: 'csi.example.com', nodeName: 'pi-1', source: { persistentVolumeName: 'pv' } } },
}
