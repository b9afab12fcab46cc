import { describe, expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { createTestApi, type Json } from '../../../hub/src/apiserver/testing/api.ts'
import { exampleOf, urlOf } from '../../../hub/src/apiserver/testing/examples.ts'
import { immutableFields } from './immutable-fields.ts'
import { changed, type FoundField, fieldsIn, isManifold, isWrongType, type Path, textOf, valueAt } from './mutations.ts'

const made = kinds.filter(({ verbs, kind }) => verbs?.includes('create') !== false && kind !== 'APIService')

/** What is put there, and of it what a merge patch says as well: a struct there merges, which a PUT of it does not. */
const values: readonly unknown[] = [undefined, '', [], {}, 2 ** 53, { x: 'y' }, null, 0, -1, 'x', [null]]
const patched = new Set(values.slice(6))

/** Says which object is meant: another one is none of this URL, and another moment of it a conflict. */
const isOfIdentity = (path: Path): boolean =>
  /^(?:kind|apiVersion|metadata(?:\.(?:name|namespace|uid|resourceVersion))?)$/.test(textOf(path))

async function stored(kind: Kind) {
  const { json } = await createTestApi()
  const example = exampleOf(kind, 'a')
  expect((await json('POST', urlOf(kind), { body: example })).code).toBe(201)
  const url = `${urlOf(kind)}/${example.metadata.name}`
  const { body: object } = await json('GET', url)
  const put = (body: Json) => json('PUT', `${url}?dryRun=All`, { body })
  const patch = (body: Json) => json('PATCH', `${url}?dryRun=All`, { body, contentType: 'application/merge-patch+json' })
  expect((await put(object)).code).toBe(200)
  return { object, put, patch }
}

/** The merge patch that says of that field what stands there in the object; of a list it says all. */
function mergePatchOf(object: Json, path: Path): Json {
  const list = path.findIndex((part) => typeof part === 'number')
  const named = list < 0 ? path : path.slice(0, list)
  return named.toReversed().reduce<Json>((value, part) => ({ [part]: value }), valueAt(object, named) ?? null)
}

type Answer = { readonly code: number; readonly body: Json }

function* faultsOf({ field, path }: FoundField, value: unknown, put: Answer, patch: Answer | undefined): Generator<string> {
  for (const { code, body } of patch === undefined ? [put] : [put, patch]) {
    // What is no revision is 500, as in Kubernetes.
    const isNoRevision = code === 500 && path.at(-1) === 'resourceVersion'
    if (![200, 400, 403, 409, 422].includes(code) && !isNoRevision) yield 'code'
    if (code === 422)
      for (const { field: named, reason, message } of body.details?.causes ?? [{ field: '' }])
        if ([named, reason, message].includes('')) yield 'cause without its field, reason or message'
  }
  if (isOfIdentity(path)) return
  if (!isManifold(field.type) && isWrongType(field.type, value) !== (put.code === 400)) yield 'type'
  if (patch === undefined) return
  // What a patch makes of the object is no body, so that it is invalid in the field `patch`.
  const wanted = put.code === 400 ? 422 : put.code
  if (patch.code !== wanted) yield `a patch with the same is ${patch.code}`
  else if (put.code === 400 ? patch.body.details.causes[0].field !== 'patch' : put.body.message !== patch.body.message)
    yield `a patch with the same is told ${patch.body.message}`
}

async function faultsOfKind(kind: Kind): Promise<string[]> {
  const { object, put, patch } = await stored(kind)
  const faults: string[] = []
  for (const found of fieldsIn(kind.node, object)) {
    const { path } = found
    // Whose fields are whose is tried where that is told.
    if (path[1] === 'managedFields') continue
    for (const value of values) {
      const next = changed(object, path, value)
      const answer = await put(next)
      const ofPatch = patched.has(value) ? await patch(mergePatchOf(next, path)) : undefined
      for (const fault of faultsOf(found, value, answer, ofPatch))
        faults.push(`${fault}: ${textOf(path)} = ${JSON.stringify(value)}: ${answer.code} ${answer.body.message ?? ''}`)
    }
  }
  return faults
}

it.each(made.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const))(
  'whatever is put into a field of a stored %s is taken or refused, and a patch with it likewise',
  async (_name, kind) => {
    expect(await faultsOfKind(kind)).toEqual([])
  },
  240_000,
)

const immutable = made.flatMap((kind) => {
  const fields = immutableFields[`${kind.kind}.${kind.group}`] ?? (kind.kind === 'Event' ? undefined : immutableFields[kind.kind])
  return fields === undefined ? [] : [[`${apiVersionOf(kind)} ${kind.kind}`, kind, fields] as const]
})

describe('what is as it was made', () => {
  it.each(immutable)('is refused by its name in a changed %s', async (_name, kind, fields) => {
    const { object, put, patch } = await stored(kind)
    for (const [field, value, named = field] of fields) {
      const path = field.split('.')
      const next = changed(object, path, value)
      for (const { code, body } of [await put(next), await patch(mergePatchOf(next, path))]) {
        expect([field, code, body.message]).toEqual([field, 422, expect.any(String)])
        expect(body.details.causes.map((cause: Json) => cause.field)).toContain(named)
      }
    }
  })
})
