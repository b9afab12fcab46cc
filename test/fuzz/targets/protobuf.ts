import { kinds } from '@bramble/shared/kinds.ts'
import { WireWriter } from '@bramble/shared/protobuf/wire-writer.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { decodeProtobufBody } from '../../../hub/src/apiserver/bodies/protobuf-body.ts'
import { checkPrototypes, readOrRefused } from '../refusals.ts'
import { defineTarget } from '../target.ts'

/** A message with every field of the type that has a number, so many levels deep. */
function write(node: TypeNode, writer: WireWriter, levels: number): void {
  if (node.tag !== 'object') return
  for (const { number, type } of node.fields.values()) {
    if (number === undefined) continue
    const item = type.tag === 'list' ? type.item : type
    if (item.tag === 'scalar' && (item.type === 'integer' || item.type === 'boolean')) {
      writer.tag(number, 0)
      writer.uint32(1)
    } else {
      writer.tag(number, 2)
      writer.message(() => {
        if (item.tag === 'object' && levels > 0) write(item, writer, levels - 1)
        else if (item.tag === 'map') {
          writer.tag(1, 2)
          writer.message(() => {})
          writer.tag(2, 2)
          writer.message(() => {})
        }
      })
    }
  }
}

function bodyOf(apiVersion: string, kind: string, node: TypeNode): Uint8Array {
  const writer = new WireWriter()
  writer.tag(1, 2)
  writer.message(() => {
    for (const [number, text] of [
      [1, apiVersion],
      [2, kind],
    ] as const) {
      writer.tag(number, 2)
      writer.string(text)
    }
  })
  writer.tag(2, 2)
  writer.message(() => write(node, writer, 4))
  return Buffer.concat([Buffer.from('k8s\0'), writer.finish()])
}

const byName = new Map(kinds.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind.node]))

export const protobuf = defineTarget({
  name: 'protobuf',
  seeds: [...byName].map(([name, node]) => {
    const [apiVersion = '', kind = ''] = name.split(' ')
    return bodyOf(apiVersion, kind, node)
  }),
  words: ['\x08\x01', '\x0a\x00', '\x12\x02\x08\x01', '\x00', '\x0b', '\x0c', '\x0d\x00\x00\x00\x00', 'v1', 'Pod', '\n'.repeat(100)],
  open: () => (input) => {
    const object = readOrRefused(() => decodeProtobufBody(input, (apiVersion, kind) => byName.get(`${apiVersion} ${kind}`)))
    checkPrototypes()
    if (object !== undefined) JSON.stringify(object, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  },
})
