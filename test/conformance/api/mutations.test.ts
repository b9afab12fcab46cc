import { expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { createTestApi, type Json } from '../../../hub/src/apiserver/testing/api.ts'
import { exampleOf, urlOf } from '../../../hub/src/apiserver/testing/examples.ts'
import { changed, type FoundField, fieldsIn, isManifold, isWrongType, mutationsOf, textOf, valueAt } from './mutations.ts'

/** Whoever may make one; an APIService is called as its group and version. */
const made = kinds.filter(({ verbs, kind }) => verbs?.includes('create') !== false && kind !== 'APIService')

/** Fields that are always written, of which no rule of Kubernetes asks for more than their zero. */
const mayBeZero: readonly RegExp[] = [
  // A kernel parameter may be set to nothing.
  /^spec\.securityContext\.sysctls\[0\]\.value$/,
  // A preference without terms prefers every node alike.
  /\.preference$/,
  // The audience of the API server is the one without a name.
  /^spec\.tokenRequests\[0\]\.audience$/,
  // An event of the namespace default may be about nothing.
  /^involvedObject$/,
]

type Answer = { readonly code: number; readonly body: Json }

/** What is wrong with an answer to an object with that value in that field. */
function* faultsOf({ field, path }: FoundField, value: unknown, { code, body }: Answer): Generator<string> {
  if (![201, 400, 403, 409, 422].includes(code)) yield 'code'
  if (code !== 201 && !/\w/.test(body.message)) yield 'no message'
  if (code === 422)
    for (const cause of body.details?.causes ?? [{ field: '' }])
      if ([cause.field, cause.reason, cause.message].includes('')) yield 'cause without its field, reason or message'
  if (isManifold(field.type) || (path.length === 1 && (field.name === 'kind' || field.name === 'apiVersion'))) return
  if (isWrongType(field.type, value)) {
    if (code !== 400) yield 'taken for its type'
    else if (!body.message.includes(field.name)) yield 'its name is not told'
  } else if (code === 400 && !/namespace|resourceVersion/.test(field.name)) yield 'refused for its type'
  if (field.required && value === undefined && code !== 422 && !mayBeZero.some((of) => of.test(textOf(path)))) yield 'not missed'
}

async function faultsOfKind(kind: Kind): Promise<string[]> {
  const { json } = await createTestApi()
  const example = exampleOf(kind, 'a')
  const ask = (body: Json, query = '') => json('POST', `${urlOf(kind)}?dryRun=All${query}`, { body })
  expect((await ask(example)).code).toBe(201)
  const faults: string[] = []
  for (const found of fieldsIn(kind.node, example)) {
    const { path, field } = found
    const before = valueAt(example, path)
    for (const value of mutationsOf(before)) {
      const answer = await ask(changed(example, path, value))
      for (const fault of faultsOf(found, value, answer))
        faults.push(`${fault}: ${textOf(path)} = ${JSON.stringify(value)?.slice(0, 80)}: ${answer.code} ${answer.body.message ?? ''}`)
    }
    if (field.type.tag !== 'object' || field.type.open || isManifold(field.type)) continue
    const { code, body } = await ask(changed(example, path, { ...before, notThere: 1 }), '&fieldValidation=Strict')
    if (code !== 400 || !body.message.includes(`unknown field "${textOf(path)}.notThere"`))
      faults.push(`unknown field: ${textOf(path)}: ${code} ${body.message ?? ''}`)
  }
  return faults
}

it.each(made.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const))(
  'whatever stands in a field of %s is taken, or refused by what is wrong with it',
  async (_name, kind) => {
    expect(await faultsOfKind(kind)).toEqual([])
  },
  240_000,
)
