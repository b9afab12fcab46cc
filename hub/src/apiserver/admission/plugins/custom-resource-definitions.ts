import { customResourceDefinitions } from '@bramble/shared/kinds/custom-resource-definition.ts'
import type { CustomResourceDefinition } from '@bramble/shared/types/custom-resource-definition.ts'
import { defineAdmission } from '../admission.ts'

/** What becomes of a definition is decided with the write of it, and there is room for so many. */
export const customResourceDefinitionsPlugin = defineAdmission('custom-resource-definitions', ({ definitions }) => ({
  kinds: [customResourceDefinitions],
  // Before anybody looks at its versions.
  admit({ object, operation, origin: { subresource } }) {
    if (operation === 'DELETE' || object === undefined || subresource !== undefined) return
    definitions.checkRoom(object as CustomResourceDefinition) // it is of that kind
  },
  complete({ object, operation }) {
    if (operation === 'DELETE' || object === undefined) return
    definitions.settle(object as CustomResourceDefinition) // it is of that kind
  },
}))
