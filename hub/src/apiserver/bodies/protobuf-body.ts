import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import { maxObjectParts } from '@bramble/shared/api/object-size.ts'
import { maxWireDepth, type Tag, WireError, type WireType } from '@bramble/shared/protobuf/wire.ts'
import { WireReader } from '@bramble/shared/protobuf/wire-reader.ts'
import type { Field, ListNode, ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Inlined } from '@bramble/shared/types/field.ts'
import { readRawJson, readScalar, wireTypeOf } from './protobuf-scalars.ts'

type TypeMeta = { readonly apiVersion: string; readonly kind: string }

// What the apiserver takes in any form.
const maxBodyBytes = 3 * 1024 * 1024

// An empty message takes two bytes on the wire and a hundred in memory.
const maxMessages = maxObjectParts

/**
 * The object in an `application/vnd.kubernetes.protobuf` body, as the JSON that Go would write of it: the magic `k8s\0`, then a
 * runtime.Unknown around the object (kubectl ≥ 1.32 and helm 4 send nothing else). `expected` is the type that the URL speaks of;
 * it stands in when the body does not name its own.
 */
export function decodeProtobufBody(
  bytes: Uint8Array,
  nodeOf: (apiVersion: string, kind: string) => TypeNode | undefined,
  expected?: TypeMeta,
): object {
  if (bytes.length > maxBodyBytes) throw new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`)
  if (bytes.length < magic.length || magic.some((byte, index) => bytes[index] !== byte))
    throw badRequest('the protobuf body does not begin with "k8s\\0": it is no Kubernetes object')
  try {
    const { raw, ...given } = readUnknown(new WireReader(bytes, magic.length))
    const type = given.kind === '' && expected !== undefined ? expected : given
    // Every group has its own DeleteOptions, all the same.
    const own = type.kind === 'DeleteOptions' && expected?.kind === 'DeleteOptions' ? expected : type
    const node = nodeOf(own.apiVersion, own.kind)
    if (node?.tag !== 'object')
      throw badRequest(
        `no kind ${JSON.stringify(type.kind)} is registered for version ${JSON.stringify(type.apiVersion)}` +
          (expected === undefined ? '' : `: expected ${expected.kind} (${expected.apiVersion})`),
      )
    const object: Record<string, unknown> = { apiVersion: own.apiVersion, kind: own.kind }
    readMessage(planOf(node), { reader: new WireReader(raw), depth: 0, budget: { messages: maxMessages }, path: '' }, object)
    return object
  } catch (error) {
    if (error instanceof WireError) throw badRequest(`the protobuf body cannot be decoded: ${error.message}`, error)
    throw error
  }
}

const magic = [0x6b, 0x38, 0x73, 0x00]

function readUnknown(reader: WireReader): TypeMeta & { readonly raw: Uint8Array } {
  let type: TypeMeta = { apiVersion: '', kind: '' }
  let raw = new Uint8Array()
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.wireType !== 2) reader.skip(tag)
    else if (tag.field === 1) type = readTypeMeta(reader.message())
    else if (tag.field === 2) raw = reader.bytes() as typeof raw // a view of the body, which nobody changes
    else if (tag.field === 3) {
      const encoding = reader.string()
      if (encoding !== '') throw badRequest(`the protobuf body has the content encoding ${JSON.stringify(encoding)}: expected none`)
    } else reader.skip(tag)
  }
  return { ...type, raw }
}

function readTypeMeta(reader: WireReader): TypeMeta {
  const type = { apiVersion: '', kind: '' }
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.field === 1 && tag.wireType === 2) type.apiVersion = reader.string()
    else if (tag.field === 2 && tag.wireType === 2) type.kind = reader.string()
    else reader.skip(tag)
  }
  return type
}

/** How one message is read: by number, with the messages that JSON spreads into their parent. */
type Plan = { readonly fields: ReadonlyMap<number, Field>; readonly inline: ReadonlyMap<number, Plan> }

// A memo, not state: nodes never change.
const plans = new WeakMap<ObjectNode, Plan>()

function planOf(node: ObjectNode): Plan {
  let plan = plans.get(node)
  if (plan === undefined) {
    plan = planOfPart(node, { fields: [...node.fields.keys()], inline: node.inline })
    plans.set(node, plan)
  }
  return plan
}

function planOfPart(node: ObjectNode, { fields, inline }: Pick<Inlined, 'fields' | 'inline'>): Plan {
  const nested = new Set(inline.flatMap((part) => part.fields))
  const own = fields.filter((name) => !nested.has(name)).flatMap((name) => node.fields.get(name) ?? [])
  return {
    fields: new Map(own.flatMap((field) => (field.number === undefined ? [] : [[field.number, field]]))),
    inline: new Map(inline.map((part) => [part.n, planOfPart(node, part)])),
  }
}

type Place = { readonly reader: WireReader; readonly depth: number; readonly budget: { messages: number }; readonly path: string }

function countPart({ budget }: Place): void {
  if (--budget.messages < 0) throw new WireError(`the object has more than ${maxMessages} parts`)
}

function readMessage(plan: Plan, place: Place, into: Record<string, unknown>): void {
  const { reader, depth, path } = place
  if (depth > maxWireDepth) throw new WireError(`${path} is nested deeper than ${maxWireDepth} messages`)
  countPart(place)
  while (!reader.done) {
    const tag = reader.tag()
    const spread = plan.inline.get(tag.field)
    const field = plan.fields.get(tag.field)
    if (spread !== undefined && tag.wireType === 2) readMessage(spread, { ...place, reader: reader.message(), depth: depth + 1 }, into)
    else if (field === undefined) reader.skip(tag)
    else readField(field, tag, { ...place, path: path === '' ? field.name : `${path}.${field.name}` }, into)
  }
}

function readField({ name, type, required, pointer }: Field, tag: Tag, place: Place, into: Record<string, unknown>): void {
  switch (type.tag) {
    case 'list':
      readListItem(type, tag, place, (into[name] ??= []) as unknown[]) // nothing else is put there
      return
    case 'map':
      readMapEntry(type.value, tag, place, (into[name] ??= {}) as object) // the same
      return
    default: {
      const value = readValue(type, tag.wireType, place)
      // Go writes plain zeros into protobuf and, being `omitempty`, leaves them out of JSON; only a pointer can hold one.
      if (value === undefined || (!pointer && !required && isZero(value))) delete into[name]
      else into[name] = value
    }
  }
}

const isZero = (value: unknown): boolean => value === 0 || value === '' || value === false

function readListItem({ item }: ListNode, { wireType }: Tag, place: Place, into: unknown[]): void {
  if (wireType === 2 && item.tag === 'scalar' && wireTypeOf(item) !== 2) {
    const packed = { ...place, reader: place.reader.message() }
    while (!packed.reader.done) {
      countPart(place)
      into.push(readValue(item, wireTypeOf(item), packed))
    }
    return
  }
  if (item.tag === 'scalar') countPart(place)
  into.push(readValue(item, wireType, { ...place, path: `${place.path}[${into.length}]` }))
}

function readMapEntry(valueNode: TypeNode, { wireType }: Tag, place: Place, into: object): void {
  expectWireType(wireType, 2, place)
  countPart(place)
  const reader = place.reader.message()
  let key = ''
  let value: unknown = emptyOf(valueNode)
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.field === 1 && tag.wireType === 2) key = reader.string()
    else if (tag.field === 2)
      value = readValue(valueNode, tag.wireType, { ...place, reader, path: `${place.path}[${key}]` }) ?? emptyOf(valueNode)
    else reader.skip(tag)
  }
  // Defined, not assigned: `__proto__` is a key like any other.
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
}

const emptyOf = (node: TypeNode): unknown => {
  if (node.tag === 'object' || node.tag === 'map') return {}
  if (node.tag === 'list') return []
  if (node.tag === 'any') return null
  return node.type === 'string' ? '' : node.type === 'boolean' ? false : 0
}

/** `undefined`: a message that stands for nothing, such as the zero time. */
function readValue(node: TypeNode, wireType: WireType, place: Place): unknown {
  const { reader, depth } = place
  expectWireType(wireType, node.tag === 'scalar' ? wireTypeOf(node) : 2, place)
  switch (node.tag) {
    case 'scalar':
      return readScalar(node, place)
    case 'object': {
      const value = {}
      readMessage(planOf(node), { ...place, reader: reader.message(), depth: depth + 1 }, value)
      return value
    }
    case 'list': {
      // A list inside a map is a message that holds the list.
      const values: unknown[] = []
      const inner = { ...place, reader: reader.message(), depth: depth + 1 }
      while (!inner.reader.done) {
        const tag = inner.reader.tag()
        if (tag.field === 1) readListItem(node, tag, inner, values)
        else inner.reader.skip(tag)
      }
      return values
    }
    case 'map':
      throw new WireError(`${place.path}: a map inside a list or a map has no protobuf form`)
    case 'any':
      return readRawJson(place)
    default:
      return node satisfies never
  }
}

function expectWireType(seen: WireType, wanted: WireType, { path }: Place): void {
  if (seen !== wanted) throw new WireError(`${path} has the wire type ${seen} instead of ${wanted}`)
}
