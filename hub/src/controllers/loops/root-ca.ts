import { createHash } from 'node:crypto'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { metadataOf } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

const name = 'kube-root-ca.crt'

/** Of which authority it is: what a hub finds at its start it need not read. */
const hashAnnotation = 'bramble.io/ca-hash'

/** What Kubernetes says on it. */
const description = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
}

/** Every namespace has the authority by which its pods know the API. */
export const rootCa = defineController({
  name: 'root-ca-certificate-publisher',
  account: 'root-ca-cert-publisher',
  setUp({ client, queue, watch, tellAbout, config }) {
    const lister = watch(namespaces, {
      onAdd: ({ metadata }) => queue.add(metadata.name),
      onUpdate: ({ metadata }) => queue.add(metadata.name),
    })
    type Told = { readonly metadata: { readonly name: string; readonly namespace?: string } }
    const found = ({ metadata }: Told) => {
      if (metadata.name === name) queue.add(metadata.namespace ?? '')
    }
    /** Somebody has written it, and may have written anything. */
    const touched = new Set<string>()
    const look = ({ metadata }: Told) => {
      if (metadata.name !== name) return
      touched.add(metadata.namespace ?? '')
      found({ metadata })
    }
    // Without what is in them: ConfigMaps of others may be many and large.
    const seen = watch(metadataOf(configMaps), { onAdd: found, onUpdate: look, onDelete: look })
    const hash = createHash('sha256').update(config.rootCa).digest('hex').slice(0, 16)
    const annotations = { ...description, [hashAnnotation]: hash }

    tellAbout(objectsOf(namespaces, lister))
    return async (namespace, signal) => {
      const place = lister.get(undefined, namespace)
      if (place === undefined || place.metadata.deletionTimestamp !== undefined) return
      const now = seen.get(namespace, name)
      if (!touched.delete(namespace) && now?.metadata.annotations?.[hashAnnotation] === hash) return
      const data = { 'ca.crt': config.rootCa }
      const wanted = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, annotations }, data } as const
      try {
        // Where it is right already an update writes nothing.
        await (now === undefined ? client.create(configMaps, wanted, { signal }) : client.update(configMaps, wanted, { signal }))
      } catch (error) {
        if (isApiError(error, 'AlreadyExists')) return
        touched.add(namespace)
        throw error
      }
    }
  },
})
