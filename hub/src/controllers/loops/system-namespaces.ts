import { isApiError } from '@bramble/shared/api/api-error.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { defineController } from '../controller.ts'

/** The leases of all nodes live there. The other namespaces of every cluster nobody may delete. */
const name = 'kube-node-lease'

/** Makes it again when it is gone, as in Kubernetes: without it no node could say that it is alive. */
export const systemNamespaces = defineController({
  name: 'system-namespaces',
  account: 'system-namespaces-controller',
  workers: 1,
  setUp({ client, queue, watch }) {
    const lister = watch(namespaces, {
      onDelete({ metadata }) {
        if (metadata.name === name) queue.add(name)
      },
    })
    queue.add(name)
    return async (key, signal) => {
      if (lister.get(undefined, key) !== undefined) return
      await client
        .create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: key } }, { signal })
        .catch((error: unknown) => {
          if (!isApiError(error, 'AlreadyExists')) throw error
        })
    }
  },
})
