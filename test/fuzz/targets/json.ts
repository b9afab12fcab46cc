import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { parseJsonBody } from '../../../hub/src/apiserver/bodies/json-body.ts'
import { jsonTextOf } from '../../../hub/src/apiserver/bodies/object-body.ts'
import { checkPrototypes, readOrRefused } from '../refusals.ts'
import { deploymentJson, objectWords, podJson } from '../samples.ts'
import { defineTarget } from '../target.ts'

export const json = defineTarget({
  name: 'json',
  seeds: [
    { json: podJson },
    { json: deploymentJson },
    JSON.stringify(podJson),
    '{"a":[1,-0.5e+3,"\\u00e4",null,true,{}]}',
    '[]',
    '"\\ud83d\\ude00"',
  ],
  words: [...objectWords, '{', '}', '[', ']', ',', ':', '"', '\\u0000', '\\ud800', '1e5', 'null', ' '],
  open: () => (input) => {
    const read = readOrRefused(() => parseJsonBody(jsonTextOf(input)))
    checkPrototypes()
    if (read === undefined) return
    const again = parseJsonBody(exactJson(read.value))
    if (!isSameJson(again.value, read.value)) throw new Error('what was read and written reads differently')
  },
})
