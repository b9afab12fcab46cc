import type { WireWriter } from '@bramble/shared/protobuf/wire-writer.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Field, ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Inlined } from '@bramble/shared/types/field.ts'
import { scalarWriter } from './scalars.ts'
import { inMessage, type Write, type Written } from './written.ts'

/** How the members of a message are written, by their JSON names; an inlined part is a message of some of them. */
type Plan = { readonly members: ReadonlyMap<string, Write>; readonly parts: readonly Part[]; readonly isWhole: boolean }
type Part = { readonly number: number; readonly names: readonly string[]; readonly plan: Plan }

// Memos, not state: nodes never change.
const plans = new WeakMap<ObjectNode, Plan>()

/** Whether all that can stand in an object of this type has a number. */
export const hasProtobuf = (node: TypeNode): boolean => node.tag === 'object' && !node.plain && planOf(node).isWhole

/** The members of an object that have numbers: all but its own type. */
export const writeObject = (node: ObjectNode, writer: WireWriter, value: object): void => writeMembers(planOf(node), writer, value)

function planOf(node: ObjectNode): Plan {
  let plan = plans.get(node)
  if (plan === undefined) plans.set(node, (plan = planOfPart(node, { fields: [...node.fields.keys()], inline: node.inline })))
  return plan
}

function planOfPart(node: ObjectNode, { fields, inline }: Pick<Inlined, 'fields' | 'inline'>): Plan {
  const nested = new Set(inline.flatMap((part) => part.fields))
  const own = fields.filter((name) => !nested.has(name)).flatMap((name) => node.fields.get(name) ?? [])
  return {
    members: new Map(own.flatMap((field) => (field.number === undefined ? [] : [[field.name, memberWriter(field, field.number)]]))),
    parts: inline.map((part) => ({ number: part.n, names: part.fields, plan: planOfPart(node, part) })),
    isWhole: own.every(({ name, number }) => number !== undefined || name === 'apiVersion' || name === 'kind'),
  }
}

function writeMembers({ members, parts }: Plan, writer: WireWriter, value: object): void {
  for (const name in value) {
    const member = (value as Readonly<Record<string, unknown>>)[name] // an object of JSON
    if (member !== undefined && member !== null) members.get(name)?.(writer, member)
  }
  for (const { number, names, plan } of parts) {
    if (!names.some((name) => Object.hasOwn(value, name))) continue
    writer.tag(number, 2)
    const start = writer.begin()
    writeMembers(plan, writer, value)
    writer.end(start)
  }
}

function memberWriter({ type }: Field, number: number): Write {
  if (type.tag === 'list') return listWriter(type.item, number)
  if (type.tag === 'map') return mapWriter(type.value, number)
  const { wireType, write } = valueWriter(type)
  return (writer, value) => {
    writer.tag(number, wireType)
    write(writer, value)
  }
}

function listWriter(item: TypeNode, number: number): Write {
  const { wireType, write } = valueWriter(item)
  return (writer, value) => {
    if (!Array.isArray(value)) return
    for (const each of value) {
      writer.tag(number, wireType)
      write(writer, each)
    }
  }
}

function mapWriter(item: TypeNode, number: number): Write {
  const { wireType, write } = valueWriter(item)
  return (writer, value) => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      writer.tag(number, 2)
      const start = writer.begin()
      writer.tag(1, 2)
      writer.string(key)
      writer.tag(2, wireType)
      write(writer, (value as Readonly<Record<string, unknown>>)[key]) // its own
      writer.end(start)
    }
  }
}

/** A list inside a map is a message that holds the list. */
function valueWriter(node: TypeNode): Written {
  switch (node.tag) {
    case 'scalar':
      return scalarWriter(node)
    case 'object':
      return inMessage((writer, value) => {
        if (typeof value === 'object' && value !== null) writeMembers(planOf(node), writer, value)
      })
    case 'list':
      return inMessage(listWriter(node.item, 1))
    case 'map':
      return inMessage(mapWriter(node.value, 1))
    case 'any':
      return inMessage((writer, value) => {
        writer.tag(1, 2)
        writer.string(exactJson(value))
      })
    default:
      return node satisfies never
  }
}
