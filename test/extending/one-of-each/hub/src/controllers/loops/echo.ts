import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { defineController } from '@bramble/hub/controllers/controller.ts'

/** Says once more what a ConfigMap asks to have said once more. */
export const echo = defineController({
  name: 'echo',
  account: 'echo-controller',
  setUp({ client, queue, watch }) {
    const lister = watch(configMaps, { onAdd: (each) => queue.add(keyTextOf(each)) })
    return async (key, signal) => {
      const { namespace, name } = parseKey(key)
      const found = lister.get(namespace, name)
      if (found?.data?.['say'] === undefined || found.data['echo'] !== undefined) return
      const body = { data: { echo: found.data['say'] } }
      await client.patch(configMaps, keyOf(found), { type: 'application/merge-patch+json', body }, { signal })
    }
  },
})
