import { joinTokenText, parseJoinToken } from '../../../hub/src/client/join-token.ts'
import { decodeContinue, encodeContinue } from '../../../hub/src/apiserver/query/continue-token.ts'
import { parseResourceVersion } from '../../../hub/src/apiserver/query/resource-version.ts'
import { readOrRefused, same } from '../refusals.ts'
import { defineTarget } from '../target.ts'

const list = '/core/pods/'

export const tokens = defineTarget({
  name: 'tokens',
  seeds: [
    ...[
      encodeContinue({ revision: 12, after: `${list}default/a` }),
      '12',
      `abcdef.0123456789abcdef.${'0'.repeat(64)}`,
      'abcdef.0123456789abcdef',
    ],
    { json: { v: 1, rv: 12, after: `${list}default/a` } },
  ],
  words: ['{"v":1,"rv":', ',"after":"/core/pods/', '"}', '-1', '1e3', list],
  open: () => (input) => {
    const text = input.toString()
    for (const token of [text, input.toString('base64url')]) {
      const read = readOrRefused(() => decodeContinue(token, list))
      if (read !== undefined) same('a token', JSON.stringify(decodeContinue(encodeContinue(read), list)), JSON.stringify(read))
    }
    const revision = readOrRefused(() => parseResourceVersion(text))
    if (revision !== undefined && !Number.isSafeInteger(revision)) throw new Error(`${revision} is no revision`)
    const join = parseJoinToken(text)
    if (join !== undefined) same('a join token', joinTokenText(join), text.trim())
  },
})
