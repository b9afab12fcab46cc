import type { ClusterRoleBinding } from '@bramble/shared/kinds/cluster-role-binding.ts'
import type { ClusterRole } from '@bramble/shared/kinds/cluster-role.ts'
import { aggregated, clusterBinding, clusterRole, group } from './objects.ts'
import { authentication, authorization, coordination, core, discovery, dynamicResources, may, mayGet } from './rules.ts'
import { networking, rbac, read, readWrite, write } from './rules.ts'

const health = ['/livez', '/readyz', '/healthz']
const version = ['/version', '/version/']
const overSubresources = 'pods/attach pods/proxy pods/exec pods/portforward'
const oldDeployments = 'deployments deployments/scale replicasets replicasets/scale replicationcontrollers/scale'

/** The roles that are made for people, under the names and with the rules that everybody knows from Kubernetes. */
export const userRoles: readonly ClusterRole[] = [
  clusterRole('cluster-admin', [may('*', '*', '*'), { nonResourceURLs: ['*'], verbs: ['*'] }]),
  clusterRole('system:discovery', [mayGet(...health, ...version, '/openapi', '/openapi/*', '/api', '/api/*', '/apis', '/apis/*')]),
  clusterRole('system:monitoring', [mayGet('/metrics', '/metrics/slis', ...health, ...health.map((path) => `${path}/*`))]),
  clusterRole('system:basic-user', [
    may('create', authorization, 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    may('create', authentication, 'selfsubjectreviews'),
  ]),
  clusterRole('system:public-info-viewer', [mayGet(...health, ...version)]),
  aggregated('admin'),
  aggregated('edit', 'admin'),
  aggregated('view', 'edit'),
  clusterRole(
    'system:aggregate-to-admin',
    [may('create', authorization, 'localsubjectaccessreviews'), may(readWrite, rbac, 'roles rolebindings')],
    'admin',
  ),
  clusterRole(
    'system:aggregate-to-edit',
    [
      // To read these is to act.
      may(read, core, `${overSubresources} secrets services/proxy`),
      may('impersonate', core, 'serviceaccounts'),
      may(write, core, `pods ${overSubresources}`),
      may('create', core, 'pods/eviction'),
      may(
        write,
        core,
        'replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets events',
      ),
      may('create', core, 'serviceaccounts/token'),
      may(
        write,
        'apps',
        'statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback replicasets replicasets/scale',
      ),
      may(write, 'autoscaling', 'horizontalpodautoscalers'),
      may(write, 'batch', 'jobs cronjobs'),
      may(write, 'extensions', `daemonsets deployments/rollback ingresses networkpolicies ${oldDeployments}`),
      may(write, 'policy', 'poddisruptionbudgets'),
      may(write, networking, 'networkpolicies ingresses'),
      may(readWrite, coordination, 'leases'),
      may(write, dynamicResources, 'resourceclaims resourceclaimtemplates'),
    ],
    'edit',
  ),
  clusterRole(
    'system:aggregate-to-view',
    [
      may(
        read,
        core,
        'pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps',
      ),
      may(
        read,
        core,
        'limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status replicationcontrollers/status pods/log',
      ),
      // Within a namespace this is the right to see the Namespace itself.
      may(read, core, 'namespaces'),
      may(read, discovery, 'endpointslices'),
      may(
        read,
        'apps',
        'controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale',
      ),
      may(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      may(read, 'batch', 'jobs cronjobs cronjobs/status jobs/status'),
      may(
        read,
        'extensions',
        `daemonsets daemonsets/status deployments/status ingresses ingresses/status replicasets/status networkpolicies ${oldDeployments}`,
      ),
      may(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      may(read, networking, 'networkpolicies ingresses ingresses/status'),
      may(read, dynamicResources, 'resourceclaims resourceclaims/status resourceclaimtemplates'),
    ],
    'view',
  ),
]

const everybody = [group('system:authenticated'), group('system:unauthenticated')]

export const userBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('cluster-admin', [group('system:masters')]),
  clusterBinding('system:monitoring', [group('system:monitoring')]),
  clusterBinding('system:discovery', [group('system:authenticated')]),
  clusterBinding('system:basic-user', [group('system:authenticated')]),
  clusterBinding('system:public-info-viewer', everybody),
]
