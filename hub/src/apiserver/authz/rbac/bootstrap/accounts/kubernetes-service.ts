import { defineAccountRole } from '../account-role.ts'
import { core, discovery, may } from '../rules.ts'

/** Kubernetes' apiserver does this by itself. */
export const kubernetesService = defineAccountRole('kubernetes-service-controller', [
  may('create update', core, 'services endpoints'),
  may('create update', discovery, 'endpointslices'),
])
