import { expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import { createTestApi } from '../../../hub/src/apiserver/testing/api.ts'
import { exampleOf, urlOf } from '../../../hub/src/apiserver/testing/examples.ts'
import { changed, fieldsIn, textOf, valueAt } from './mutations.ts'

/** What an expression with two places to stop tries from everywhere to the end: minutes for one field, in which nobody else is answered. */
const endless = [':', '1', "['", 'a.', '-a', '/ ', '%{('].map((part) => part.repeat(400_000 / part.length))

/** In the place of a text; among texts, or as a name of one. */
function withText(value: unknown, text: string): readonly unknown[] {
  if (typeof value === 'string') return [text]
  if (Array.isArray(value)) return typeof value[0] === 'string' ? [[text, ...value.slice(1)]] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).every((each) => typeof each === 'string') ? [{ a: text }, { [text]: 'a' }] : []
}

it.each(
  kinds.filter(({ verbs }) => verbs?.includes('create') !== false).map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const),
)(
  'a text of any length in a field of %s is looked at once',
  async (_name, kind) => {
    const { json } = await createTestApi()
    const example = exampleOf(kind, 'a')
    for (const { path } of fieldsIn(kind.node, example))
      for (const text of endless)
        for (const value of withText(valueAt(example, path), text)) {
          const { code } = await json('POST', `${urlOf(kind)}?dryRun=All`, { body: changed(example, path, value) })
          expect([201, 400, 403, 404, 413, 422], `${textOf(path)} = ${text.slice(0, 3)}…`).toContain(code)
        }
  },
  120_000,
)
