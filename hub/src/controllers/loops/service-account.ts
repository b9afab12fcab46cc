import { isApiError } from '@bramble/shared/api/api-error.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

const name = 'default'

/** Every namespace has the account that its pods run under when they name none. */
export const serviceAccount = defineController({
  name: 'serviceaccount',
  account: 'service-account-controller',
  setUp({ client, queue, watch, tellAbout }) {
    const lister = watch(namespaces, {
      onAdd: ({ metadata }) => queue.add(metadata.name),
      onUpdate: ({ metadata }) => queue.add(metadata.name),
    })
    const accounts = watch(serviceAccounts, {
      onDelete({ metadata }) {
        if (metadata.name === name) queue.add(metadata.namespace ?? '')
      },
    })

    tellAbout(objectsOf(namespaces, lister))
    return async (namespace, signal) => {
      const found = lister.get(undefined, namespace)
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return
      if (accounts.get(namespace, name) !== undefined) return
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } } as const
      await client.create(serviceAccounts, account, { signal }).catch((error: unknown) => {
        if (!isApiError(error, 'AlreadyExists')) throw error
      })
    }
  },
})
