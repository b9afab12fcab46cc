import { pods } from '@bramble/shared/kinds/pod.ts'
import { fieldMatcher, parseFieldSelector } from '@bramble/shared/meta/field-selector.ts'
import { readOrRefused } from '../refusals.ts'
import { podJson } from '../samples.ts'
import { defineTarget } from '../target.ts'

export const fieldSelectors = defineTarget({
  name: 'field-selectors',
  seeds: ['metadata.name=a', 'spec.nodeName=,status.phase!=Running', 'metadata.namespace==b\\,c\\=d\\\\'],
  words: ['metadata.name', 'spec.nodeName', 'status.phase', '=', '==', '!=', ',', '\\', ' ', '__proto__', 'constructor'],
  open: () => (input) => {
    const object = pods.parse(podJson)
    readOrRefused(() => {
      const selector = parseFieldSelector(input.toString())
      const matches = fieldMatcher(pods, selector)
      if (object.ok) matches(object.object)
    })
  },
})
