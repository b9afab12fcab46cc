import type { ApiService } from '@bramble/shared/kinds/api-service.ts'
import type { ClientConfig } from '../remote/target.ts'

/** Who answers for a remote group, and whom the hub takes for that. */
export const configOf = ({ spec: { service, caBundle, insecureSkipTLSVerify } }: ApiService): ClientConfig => ({
  service: { namespace: service?.namespace, name: service?.name, port: service?.port },
  caBundle,
  insecureSkipTLSVerify,
})
