import { WireWriter } from '@bramble/shared/protobuf/wire-writer.ts'
import { listMeta } from '@bramble/shared/meta/list-meta.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { status as statusSchema } from '@bramble/shared/meta/status.ts'
import { typeNodeOf, type ObjectNode, type TypeNode } from '@bramble/shared/schema/type-node.ts'
import { hasProtobuf, writeObject } from './encode.ts'

const magic = Buffer.from('k8s\0', 'latin1')

export type Typed = { readonly kind: string; readonly apiVersion: string }

const objectNode = (node: TypeNode): ObjectNode | undefined => (node.tag === 'object' ? node : undefined)

/** One of the answers that any resource may give, or an object of the resource's own type; undefined: it has no protobuf. */
export function objectMessage(value: Typed, speaks: Typed & { readonly node: TypeNode }): Uint8Array | undefined {
  if (value.kind === 'Status') return enveloped(value, (writer) => writeIn(typeNodeOf(statusSchema), writer, value))
  if (value.kind === 'PartialObjectMetadata') return enveloped(value, (writer) => writePartial(writer, value))
  if (value.kind !== speaks.kind || value.apiVersion !== speaks.apiVersion || !hasProtobuf(speaks.node)) return undefined
  return enveloped(value, (writer) => writeIn(speaks.node, writer, value))
}

/** An item of a list, with its tag. */
export function itemMessage(item: object, node: TypeNode | 'metadata'): Uint8Array {
  const writer = new WireWriter()
  writer.tag(2, 2)
  const start = writer.begin()
  if (node === 'metadata') writePartial(writer, item)
  else writeIn(node, writer, item)
  writer.end(start)
  return writer.finish()
}

/** What stands before the items of a list, whose lengths together are known. */
export function listHead(type: Typed, metadata: object, itemBytes: number): Uint8Array {
  const meta = new WireWriter()
  meta.tag(1, 2)
  const start = meta.begin()
  writeIn(typeNodeOf(listMeta), meta, metadata)
  meta.end(start)
  const head = meta.finish()
  const writer = new WireWriter()
  writer.raw(magic)
  writeTypeMeta(writer, type)
  writer.tag(2, 2)
  writer.uint32(head.length + itemBytes)
  writer.raw(head)
  return writer.finish()
}

/** A watch event in its frame: its length, then the event around the object in an envelope of its own. */
export function eventFrame(type: string, object: Uint8Array): Uint8Array {
  const writer = new WireWriter()
  writer.raw(new Uint8Array(4))
  writer.tag(1, 2)
  writer.string(type)
  writer.tag(2, 2)
  const start = writer.begin()
  writer.tag(1, 2)
  writer.bytes(object)
  writer.end(start)
  const frame = writer.finish()
  new DataView(frame.buffer, frame.byteOffset).setUint32(0, frame.length - 4)
  return frame
}

function enveloped(type: Typed, write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter()
  writer.raw(magic)
  writeTypeMeta(writer, type)
  writer.tag(2, 2)
  const start = writer.begin()
  write(writer)
  writer.end(start)
  return writer.finish()
}

function writeTypeMeta(writer: WireWriter, { apiVersion, kind }: Typed): void {
  writer.tag(1, 2)
  const start = writer.begin()
  writer.tag(1, 2)
  writer.string(apiVersion)
  writer.tag(2, 2)
  writer.string(kind)
  writer.end(start)
}

function writeIn(node: TypeNode, writer: WireWriter, value: object): void {
  const found = objectNode(node)
  if (found !== undefined) writeObject(found, writer, value)
}

function writePartial(writer: WireWriter, value: object): void {
  writer.tag(1, 2)
  const start = writer.begin()
  writeIn(typeNodeOf(objectMeta), writer, (value as { readonly metadata?: object }).metadata ?? {}) // every object has some
  writer.end(start)
}
