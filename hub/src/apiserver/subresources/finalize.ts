import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Namespace } from '@bramble/shared/kinds/namespace.ts'
import { cloneJson } from '../json.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import { changeObject, changedResponse, meantBy } from '../verbs/change.ts'
import { defineSubresource } from '../routes/subresource.ts'

/** Takes finalizers from a namespace's spec; with the last one, a namespace that is being deleted goes. */
export const finalize = defineSubresource({
  name: 'finalize',
  verbs: {
    async update(call) {
      const { spec, metadata } = objectFromBody(call) as Namespace // only namespaces have this subresource
      const next = (previous: KubeObject): KubeObject =>
        meantBy(Object.assign(cloneJson(previous), { spec: { finalizers: spec?.finalizers ?? [] } }), metadata)
      return changedResponse(call, await changeObject(call, { scope: 'free', next }))
    },
  },
})
