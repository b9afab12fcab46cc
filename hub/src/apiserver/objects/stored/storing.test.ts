import type { KubeObject } from '@bramble/shared/api/client.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { expect, it } from 'vitest'
import { stableOf } from '../../testing/doors.ts'
import { storageCodec } from './storage-codec.ts'
import { isSealed, storing } from './storing.ts'

it('what is sealed before it reaches the disk follows the kinds while they come and go', () => {
  const kinds = createKindSet(builtIn)
  const seals = isSealed(kinds)
  const door = '/house.example.com/doors/default/a'
  expect([seals('/core/secrets/default/a'), seals('/core/configmaps/default/a'), seals(door)]).toEqual([true, false, false])
  kinds.add(stableOf(undefined, { encrypted: true }))
  expect([seals('/core/secrets/default/a'), seals(door)]).toEqual([true, true])
})

it.each(builtIn.filter(({ indexedFields = [] }) => indexedFields.length > 0).map((kind) => [kind.resource, kind] as const))(
  'the indexed fields of %s are read from the text as they are from the object',
  (resource, kind) => {
    const { fieldsOf } = storing(createKindSet(builtIn))
    const codec = storageCodec(kind)
    const metadata = { name: 'a', namespace: 'default', annotations: { spec: '{"spec":{"nodeName":"no"}}' } }
    const objects = [{}, { spec: { nodeName: 'pi-1', hostname: 'no' } }, { spec: { nodeName: '' } }, { status: { nodeName: 'no' } }]
    for (const object of objects.map((rest) => ({ apiVersion: 'v1', kind: kind.kind, metadata, spec: {}, ...rest }) as KubeObject)) {
      const owners = '[{"manager":"me","fieldsV1":{"f:spec":{"f:nodeName":{}}}}]'
      for (const text of [codec.encode(object, undefined), codec.encode(object, owners)]) {
        const wanted = (kind.indexedFields ?? []).map((field) => [field, kind.selectableFields?.[field]?.(object) ?? ''])
        expect(fieldsOf(`/core/${resource}/default/a`, text)).toEqual(Object.fromEntries(wanted))
      }
    }
  },
)
