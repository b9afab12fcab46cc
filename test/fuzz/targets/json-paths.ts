import { parseJsonPath } from '../../../hub/src/apiserver/custom/json-path.ts'
import { podJson } from '../samples.ts'
import { defineTarget } from '../target.ts'

export const jsonPaths = defineTarget({
  name: 'json-paths',
  seeds: [
    '.spec.replicas',
    '.status.conditions[?(@.type=="Ready")].status',
    '.spec.containers[*].image',
    ".metadata.labels['a\\.b']",
    '..name',
    '.a[0:2:1]',
  ],
  words: ['.', '..', '[', ']', '*', '?', '(', ')', '@', '==', '"', "'", '\\.', '-1', ':', 'spec', 'containers', '{', '}', '$'],
  open: () => (input) => {
    parseJsonPath(input.toString())?.(podJson)
  },
})
