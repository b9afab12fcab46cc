import { define, type Overload } from './define.ts'
import type { Extension } from './extension.ts'
import * as t from './types.ts'
import type { CelType, ObjectType } from './types.ts'

const anyFields: ReadonlyMap<string, CelType> = new Map()

/** The object that a policy is about, or a part of it by the way there: `Object.spec.containers`. Nothing is known of its fields when an expression is read. */
const objectNamed = (name: string): ObjectType => ({ tag: 'object', name, fields: anyFields, message: 'open' })

export const objectType = objectNamed('Object')

/** One operation of a JSON patch (RFC 6902). */
export const jsonPatchType: ObjectType = {
  ...{ tag: 'object', name: 'JSONPatch', message: 'closed' },
  fields: new Map([...['op', 'from', 'path'].map((name) => [name, t.string] as const), ['value', t.dyn]]),
}

const escapeKey = define('.jsonpatch.escapeKey(string) string', (key, budget) => {
  budget.payForText(key.length + 1)
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
})

const overloads: readonly Overload[] = [escapeKey]

/** What the mutations of a MutatingAdmissionPolicy are made with, and no other expression knows. */
export const patchTypes: Extension = {
  typeNamed: (name) => {
    if (name === jsonPatchType.name) return jsonPatchType
    return name === objectType.name ? objectType : name.startsWith('Object.') ? objectNamed(name) : undefined
  },
  overloadsOf: (name) => (name === escapeKey.name ? overloads : []),
}
