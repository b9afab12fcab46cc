import type { ClusterRoleBinding } from '@bramble/shared/kinds/cluster-role-binding.ts'
import type { ClusterRole } from '@bramble/shared/kinds/cluster-role.ts'
import { clusterBinding, clusterRole, group, systemAccount, user } from './objects.ts'
import { authentication, authorization, certificates, coordination, core, discovery, dynamicResources, may } from './rules.ts'
import { mayGet, mayReport, networking, read, storage } from './rules.ts'

/** In turn they lead, by a Lease of this name. */
const mayLead = (name: string) => [may('create', coordination, 'leases'), may('get update', coordination, 'leases', name)]
/** Whoever serves something itself asks who may use it. */
const mayDelegate = [may('create', authentication, 'tokenreviews'), may('create', authorization, 'subjectaccessreviews')]
const approver = (signer: string) =>
  clusterRole(`system:certificates.k8s.io:${signer}-approver`, [may('approve', certificates, 'signers', `kubernetes.io/${signer}`)])

/** The roles of what a cluster is made of, under the names and with the rules that everybody knows from Kubernetes. */
export const componentRoles: readonly ClusterRole[] = [
  // Bound to nobody: what a node may is told by the node authorizer.
  clusterRole('system:node', [
    may('create', authentication, 'tokenreviews'),
    may('create', authorization, 'subjectaccessreviews localsubjectaccessreviews'),
    may(read, core, 'services'),
    may('create get list watch', core, 'nodes'),
    may('update patch', core, 'nodes/status'),
    may('update patch', core, 'nodes'),
    may('create update patch', core, 'events'),
    may(read, core, 'pods'),
    may('create delete', core, 'pods'),
    may('update patch', core, 'pods/status'),
    may('create', core, 'pods/eviction'),
    may(read, core, 'secrets configmaps'),
    may('get', core, 'persistentvolumeclaims persistentvolumes'),
    may('get', core, 'endpoints'),
    may('create get list watch', certificates, 'certificatesigningrequests'),
    may('get create update patch delete', coordination, 'leases'),
    may('get', storage, 'volumeattachments'),
    may('create', core, 'serviceaccounts/token'),
    may('get update patch', core, 'persistentvolumeclaims/status'),
    may(read, storage, 'csidrivers'),
    may('get create update patch delete', storage, 'csinodes'),
    may(read, 'node.k8s.io', 'runtimeclasses'),
    may('get', dynamicResources, 'resourceclaims'),
    may('deletecollection', dynamicResources, 'resourceslices'),
    may('get', core, 'serviceaccounts'),
  ]),
  clusterRole('system:heapster', [may(read, core, 'events pods nodes namespaces'), may(read, 'extensions', 'deployments')]),
  clusterRole('system:node-problem-detector', [may('get', core, 'nodes'), may('patch', core, 'nodes/status'), mayReport]),
  clusterRole('system:kubelet-api-admin', [
    may(read, core, 'nodes'),
    may('proxy', core, 'nodes'),
    may('*', core, 'nodes/proxy nodes/metrics nodes/stats nodes/log'),
    may('*', core, 'nodes/configz nodes/healthz nodes/pods'),
  ]),
  clusterRole('system:node-bootstrapper', [may('create get list watch', certificates, 'certificatesigningrequests')]),
  clusterRole('system:auth-delegator', mayDelegate),
  clusterRole('system:kube-aggregator', [may(read, core, 'services endpoints'), may(read, discovery, 'endpointslices')]),
  clusterRole('system:kube-controller-manager', [
    mayReport,
    ...mayLead('kube-controller-manager'),
    may('create', core, 'secrets serviceaccounts'),
    may('delete', core, 'secrets'),
    may('get', core, 'namespaces secrets serviceaccounts configmaps'),
    may('update', core, 'secrets serviceaccounts'),
    ...mayDelegate,
    may('list watch', '*', '*'),
    may('create', core, 'serviceaccounts/token'),
  ]),
  clusterRole('system:kube-dns', [may('list watch', core, 'endpoints services')]),
  clusterRole('system:persistent-volume-provisioner', [
    may('get list watch create delete', core, 'persistentvolumes'),
    may('get list watch update', core, 'persistentvolumeclaims'),
    may(read, storage, 'storageclasses'),
    may('watch', core, 'events'),
    mayReport,
  ]),
  clusterRole('system:certificates.k8s.io:certificatesigningrequests:nodeclient', [
    may('create', certificates, 'certificatesigningrequests/nodeclient'),
  ]),
  clusterRole('system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', [
    may('create', certificates, 'certificatesigningrequests/selfnodeclient'),
  ]),
  clusterRole('system:volume-scheduler', [
    may([...read, 'update', 'patch'], core, 'persistentvolumes'),
    may(read, storage, 'storageclasses'),
    may([...read, 'update', 'patch'], core, 'persistentvolumeclaims'),
  ]),
  ...['legacy-unknown', 'kubelet-serving', 'kube-apiserver-client', 'kube-apiserver-client-kubelet'].map(approver),
  clusterRole('system:service-account-issuer-discovery', [
    mayGet('/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'),
  ]),
  clusterRole('system:node-proxier', [
    may('list watch', core, 'services endpoints'),
    may(read, core, 'nodes'),
    mayReport,
    may('list watch', discovery, 'endpointslices'),
    may('list watch', networking, 'servicecidrs'),
  ]),
  clusterRole('system:kube-scheduler', [
    mayReport,
    ...mayLead('kube-scheduler'),
    may(read, core, 'nodes'),
    may('get list watch delete', core, 'pods'),
    may('create', core, 'pods/binding bindings'),
    may('patch update', core, 'pods/status'),
    may(read, core, 'services replicationcontrollers'),
    may(read, 'apps extensions', 'replicasets'),
    may(read, 'apps', 'statefulsets'),
    may(read, 'policy', 'poddisruptionbudgets'),
    may(read, core, 'persistentvolumeclaims persistentvolumes'),
    ...mayDelegate,
    may(read, storage, 'csinodes'),
    may(read, core, 'namespaces'),
    may(read, storage, 'csidrivers'),
    may(read, storage, 'csistoragecapacities'),
    may(read, storage, 'volumeattachments'),
    may(read, dynamicResources, 'deviceclasses'),
    may([...read, 'update', 'patch'], dynamicResources, 'resourceclaims'),
    may([...read, 'update', 'patch'], dynamicResources, 'resourceclaims/status'),
    may([...read, 'update', 'patch'], core, 'pods/finalizers'),
    may(read, dynamicResources, 'resourceslices'),
  ]),
]

export const componentBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('system:node-proxier', [user('system:kube-proxy')]),
  clusterBinding('system:kube-controller-manager', [user('system:kube-controller-manager')]),
  clusterBinding('system:kube-dns', [systemAccount('kube-dns')]),
  clusterBinding('system:kube-scheduler', [user('system:kube-scheduler')]),
  clusterBinding('system:volume-scheduler', [user('system:kube-scheduler')]),
  clusterBinding('system:node', []),
  clusterBinding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
]
