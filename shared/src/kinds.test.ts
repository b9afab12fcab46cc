import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kinds } from './kinds.ts'
import { apiVersionOf } from './schema/kind.ts'
import { type ObjectNode, type TypeNode } from './schema/type-node.ts'

/** Every message that a kind is made of, by its name. */
function messagesOf(node: TypeNode, found = new Map<string, ObjectNode>()): Map<string, ObjectNode> {
  if (node.tag === 'list') return messagesOf(node.item, found)
  if (node.tag === 'map') return messagesOf(node.value, found)
  if (node.tag !== 'object') return found
  const id = `${node.group} ${node.typeName}`
  if (found.has(id)) return found
  found.set(id, node)
  for (const { type } of node.fields.values()) messagesOf(type, found)
  return found
}

const messages = [...kinds.reduce((found, { node }) => messagesOf(node, found), new Map<string, ObjectNode>())]

describe('the kinds', () => {
  it('are found by their files, each once', () => {
    const files = readdirSync(new URL('kinds', import.meta.url)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    const names = kinds.map((kind) => `${apiVersionOf(kind)} ${kind.resource}`)
    expect(names.length).toBeGreaterThanOrEqual(files.length)
    expect(new Set(names).size).toBe(names.length)
  })

  it('stand in docs/kinds.md, each with what acts on it', () => {
    const page = readFileSync(new URL('../../docs/kinds.md', import.meta.url), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| kind'))
    const named = rows.flatMap((row) => (row.split(' | ')[0] ?? '').slice(2).split(', '))
    expect(named.sort()).toEqual(kinds.map((kind) => `${apiVersionOf(kind)} ${kind.kind}`).sort())
  })

  it.each(kinds.map((kind) => [kind.kind, kind] as const))('%s says what it and its columns are for', (_name, kind) => {
    expect(kind.description).not.toBe('')
    expect(kind.columns.length).toBeGreaterThan(1)
    expect(kind.columns.filter(({ description }) => description === '')).toEqual([])
    expect(Object.isFrozen(kind)).toBe(true)
  })
})

describe.each(messages)('message %s', (_id, { typeName, fields, inline }) => {
  it('numbers every field once', () => {
    expect(typeName).not.toBe('')
    const nested = new Set(inline.flatMap((part) => part.fields))
    const own = [...fields.values()].filter(({ name }) => !nested.has(name) && name !== 'apiVersion' && name !== 'kind')
    const numbers = [...own.map(({ number }) => number), ...inline.map(({ n }) => n)]
    const missing = own.filter(({ number }) => number === undefined).map(({ name }) => name)
    expect(missing).toEqual([])
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  it('merges lists by fields that their items have', () => {
    for (const { type } of fields.values()) {
      if (type.tag !== 'list') continue
      const keys = [...type.listKeys, ...(type.patchMergeKey === undefined ? [] : [type.patchMergeKey])]
      if (type.listType === 'map') expect(type.listKeys).not.toEqual([])
      for (const key of keys) expect(type.item.tag === 'object' && type.item.fields.has(key)).toBe(true)
    }
  })
})
