import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import { bodyOf, postedType } from '@bramble/hub/apiserver/bodies/body-of.ts'
import { definePosted } from '@bramble/hub/apiserver/routes/posted.ts'

const schema = message('example.com/v1.Greeting', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  said: opt(2, text),
})
const type = postedType({ group: 'example.com', version: 'v1', kind: 'Greeting', resource: 'greetings', schema })

export const greetings = definePosted({
  type,
  singular: 'greeting',
  namespaced: false,
  verbs: {
    async create({ request, caller: { user } }) {
      const { said } = bodyOf(request, type)
      return { type: 'object', status: 201, object: { apiVersion: type.apiVersion, kind: type.kind, said: `${said}, ${user.name}` } }
    },
  },
})
