import { notFound } from '@bramble/shared/api/api-error.ts'
import { defineSubresource } from '@bramble/hub/apiserver/routes/subresource.ts'

/** How long an object is as text. */
export const size = defineSubresource({
  name: 'size',
  isOf: ({ resource }) => resource === 'configmaps',
  verbs: {
    async get({ api, kind, info }) {
      const entry = api.registry.find(kind, info.namespace, info.name ?? '')
      if (entry === undefined) throw notFound(kind, info.name ?? '')
      return { type: 'object', status: 200, object: { bytes: api.registry.textOf(kind, entry).length } }
    },
  },
})
