import { kinds } from '@bramble/shared/kinds.ts'
import { WireReader } from '@bramble/shared/protobuf/wire-reader.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import { typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { status } from '@bramble/shared/meta/status.ts'
import { describe, expect, it } from 'vitest'
import { decodeProtobufBody } from '../bodies/protobuf-body.ts'
import { configMap, createTestApi, type Json, jsonOf, pod } from '../testing/api.ts'
import { exampleOf } from '../testing/examples.ts'

const accept = 'application/vnd.kubernetes.protobuf'
const nodeOf = (apiVersion: string, kind: string) =>
  kind === 'Status' ? typeNodeOf(status) : kinds.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion)?.node
const decode = (bytes: Uint8Array): Json => decodeProtobufBody(bytes, nodeOf)

const raw = (answer: { readonly type: string }): { readonly contentType: string; readonly bytes: Uint8Array } => {
  if (answer.type !== 'raw') throw new Error(`expected bytes, found ${answer.type}`)
  const { contentType, raw: bytes } = answer as Json
  return { contentType, bytes }
}
/** The parts of a message by their numbers. */
function partsOf(reader: WireReader): Map<number, Uint8Array[]> {
  const parts = new Map<number, Uint8Array[]>()
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.wireType === 2) parts.set(tag.field, [...(parts.get(tag.field) ?? []), reader.bytes()])
    else reader.skip(tag)
  }
  return parts
}
const textAt = (parts: Map<number, Uint8Array[]>, field: number) => Buffer.from(parts.get(field)?.[0] ?? []).toString()
/** An item of a list has no envelope of its own. */
const asMessage = (kind: Kind, bytes: Uint8Array) => {
  const part = (field: number, value: Uint8Array) => [Buffer.from([(field << 3) | 2, ...varint(value.length)]), value]
  const type = Buffer.concat([...part(1, Buffer.from(apiVersionOf(kind))), ...part(2, Buffer.from(kind.kind))])
  return Buffer.concat([Buffer.from('k8s\0'), ...part(1, type), ...part(2, bytes)])
}
const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)])

describe('protobuf', () => {
  it('says of an object of every kind what JSON says', async () => {
    const { ask, json } = await createTestApi()
    const made = kinds.filter(
      ({ verbs, kind, group }) => verbs?.includes('create') !== false && kind !== 'APIService' && group !== 'apiextensions.k8s.io',
    )
    expect(made.length).toBeGreaterThan(40)
    for (const kind of made) {
      const root = kind.group === '' ? '/api' : '/apis'
      const place = kind.namespaced ? 'namespaces/default/' : ''
      const url = `${root}/${apiVersionOf(kind)}/${place}${kind.resource}`
      const created = await json('POST', url, { body: exampleOf(kind, 'example') })
      // Of two versions the other one made it.
      if (created.code !== 201 && created.body.reason !== 'AlreadyExists') throw new Error(`${kind.kind}: ${JSON.stringify(created.body)}`)
      const at = `${url}/${created.body.metadata.name ?? created.body.details.name}`
      const { contentType, bytes } = raw(await ask('GET', at, { accept }))
      expect(contentType).toBe(accept)
      expect(decoded(decode(bytes))).toEqual(decoded((await json('GET', at)).body))
    }
  }, 60_000)

  it('is what lists are told in, short ones and those that are streamed', async () => {
    const { ask, json } = await createTestApi()
    const pods = kinds.find(({ kind }) => kind === 'Pod') as Kind // a kind
    const url = '/api/v1/namespaces/default/pods'
    for (const count of [3, 400]) {
      for (let n = 0; n < count; n++)
        await json('POST', url, { body: pod(`p-${count}-${n}`, {}, { annotations: { text: '"}]\\é'.repeat(100) } }) })
      const answer = await ask('GET', url, { accept: `${accept},application/json` })
      expect(answer.type).toBe(count === 3 ? 'raw' : 'stream')
      const chunks: Uint8Array[] = []
      if (answer.type === 'stream') for await (const chunk of answer.stream) chunks.push(chunk)
      const bytes = answer.type === 'stream' ? Buffer.concat(chunks) : Buffer.from(raw(answer).bytes)
      const envelope = partsOf(new WireReader(bytes, 4))
      const type = partsOf(new WireReader(envelope.get(1)?.[0] ?? bytes))
      expect([textAt(type, 1), textAt(type, 2)]).toEqual(['v1', 'PodList'])
      const list = partsOf(new WireReader(envelope.get(2)?.[0] ?? bytes))
      const { body } = await json('GET', url)
      expect(textAt(partsOf(new WireReader(list.get(1)?.[0] ?? bytes)), 2)).toBe(body.metadata.resourceVersion)
      expect((list.get(2) ?? []).map((item) => decoded(decode(asMessage(pods, item))))).toEqual(
        body.items.map((item: Json) => decoded({ kind: 'Pod', apiVersion: 'v1', ...item })),
      )
    }
  }, 60_000)

  it('frames the events of a watch, each object in an envelope of its own', async () => {
    const { ask, json } = await createTestApi()
    const url = '/api/v1/namespaces/default/configmaps'
    const gone = new AbortController()
    const answer = await ask('GET', `${url}?watch=1`, { accept: `${accept};stream=watch`, signal: gone.signal })
    if (answer.type !== 'stream') throw new Error('expected a stream')
    expect(answer.contentType).toBe(`${accept};stream=watch`)
    await json('POST', url, { body: configMap('a', { k: 'v' }) })
    await json('DELETE', `${url}/a`)
    const seen: unknown[] = []
    for await (const bytes of answer.stream) {
      const frame = Buffer.from(bytes)
      expect(frame.readUInt32BE(0)).toBe(frame.length - 4)
      const event = partsOf(new WireReader(frame, 4))
      const object = partsOf(new WireReader(event.get(2)?.[0] ?? frame)).get(1)?.[0] ?? frame
      const { kind, metadata, data } = decode(object)
      seen.push([textAt(event, 1), kind, metadata.name, data])
      if (seen.length === 2) break
    }
    expect(seen).toEqual([
      ['ADDED', 'ConfigMap', 'a', { k: 'v' }],
      ['DELETED', 'ConfigMap', 'a', { k: 'v' }],
    ])
    gone.abort()
  })

  it('tells refusals and metadata, and is left to JSON where there is none', async () => {
    const { ask, json } = await createTestApi()
    const url = '/api/v1/namespaces/default/configmaps'
    expect(decode(raw(await ask('GET', `${url}/none`, { accept })).bytes)).toEqual({
      ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404, message: 'configmaps "none" not found' },
      ...{ metadata: {}, details: { name: 'none', kind: 'configmaps' } },
    })
    await json('POST', url, { body: configMap('a') })
    const partial = `${accept};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
    const { bytes } = raw(await ask('GET', `${url}/a`, { accept: `${partial},application/json` }))
    const envelope = partsOf(new WireReader(bytes, 4))
    expect(textAt(partsOf(new WireReader(envelope.get(1)?.[0] ?? bytes)), 2)).toBe('PartialObjectMetadata')
    const table = `${accept};as=Table;g=meta.k8s.io;v=v1`
    expect(await ask('GET', `${url}/a`, { accept: table })).toMatchObject({ status: 406 })
    expect(jsonOf(await ask('GET', '/apis', { accept: `${accept},application/json` })).kind).toBe('APIGroupList')
    expect(await json('GET', '/apis/metrics.k8s.io/v1beta1/nodes', { accept: `${accept},application/json` })).toMatchObject({ code: 200 })
    expect(jsonOf(await ask('GET', `${url}/a`, { accept: `application/json,${accept}` })).kind).toBe('ConfigMap')
  })
})

/** What a reader of protobuf finds: without what stands for nothing there, and of objects within objects without their type, which Go has no number for. */
function decoded(value: Json, isInside = false): Json {
  if (Array.isArray(value)) return value.map((each) => decoded(each, true))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const isNothing =
        member === null || member === 0 || member === '' || member === false || (Array.isArray(member) && member.length === 0)
      const isType = isInside && 'spec' in value && (name === 'kind' || name === 'apiVersion')
      return isNothing || isType ? [] : [[name, decoded(member, isInside)]]
    }),
  )
}
