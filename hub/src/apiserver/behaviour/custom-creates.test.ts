import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { gadget, gadgetsAt, gadgetsOf } from '../testing/gadgets.ts'

const spec = { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } }
const status = { type: 'object', properties: { replicas: { type: 'integer' } } }
const gadgets = gadgetsOf({ type: 'object', properties: { spec, status } }, { subresources: { status: true } })

const setUp = () => createTestApi({ kinds: createKindSet([...builtIn, gadgets]) })

it('what is null at the root and may not be is not given, as everywhere below', async () => {
  const { json } = await setUp()
  const empty = { ...gadget('a', {}), spec: null, status: null }
  const { code, body } = await json('POST', gadgetsAt(), { body: empty })
  expect({ code, spec: 'spec' in body, status: 'status' in body }).toEqual({ code: 201, spec: false, status: false })
})

it('nobody owns the metadata itself, whoever makes the object', async () => {
  const { json } = await setUp()
  const fieldsOf = (body: Json) => body.metadata.managedFields[0].fieldsV1
  expect(Object.keys(fieldsOf((await json('POST', gadgetsAt(), { body: gadget('a', { size: 1 }) })).body))).toEqual(['f:spec'])
  const marked = { ...gadget('b', { size: 1 }), metadata: { name: 'b', labels: { a: 'b' } } }
  expect(fieldsOf((await json('POST', gadgetsAt(), { body: marked })).body)['f:metadata']).toEqual({ 'f:labels': { '.': {}, 'f:a': {} } })
})
