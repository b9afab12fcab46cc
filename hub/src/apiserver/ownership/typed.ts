import { isObject } from '@bramble/shared/json/is-object.ts'
import type { ScalarNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { elementText, itemElement, itemProblem, memberNode, type Shape, shapeOf } from './shape.ts'

/** A configuration full of nonsense earns a bounded answer. */
const maxProblems = 50
const longestProblem = 500

/**
 * Why a value cannot be applied: whose fields nobody knows could be owned by nobody, and of two items with one name nobody could say which
 * one is configured. In the words of Kubernetes; undefined: it can be.
 */
export function typeProblem(node: TypeNode, value: unknown): string | undefined {
  const problems: string[] = []
  check(node, value, '', problems)
  const [first, ...others] = problems.map((problem) => (problem.length > longestProblem ? `${problem.slice(0, longestProblem)}…` : problem))
  return others.length > 0 ? ['errors:', first, ...others].join('\n  ') : first
}

function check(node: TypeNode, value: unknown, path: string, problems: string[]): void {
  if (value === null || problems.length >= maxProblems) return
  const problem = wrongType(node, value)
  if (problem !== undefined) return void problems.push(path === '' ? problem : `${path}: ${problem}`)
  switch (node.tag) {
    case 'object':
    case 'map':
      checkMembers(node, value as Readonly<Record<string, unknown>>, path, problems) // told just above
      break
    case 'list':
      checkItems(node, value as readonly unknown[], path, problems) // told just above
      break
    default:
  }
}

function wrongType(node: TypeNode, value: unknown): string | undefined {
  switch (node.tag) {
    case 'any':
      return undefined
    case 'scalar':
      return wrongScalar(node, value)
    case 'list':
      return Array.isArray(value) ? undefined : `expected list, got &{${goText(value)}}`
    case 'object':
    case 'map':
      return isObject(value) ? undefined : `expected map, got &{${goText(value)}}`
    default:
      return node satisfies never
  }
}

function wrongScalar({ type, format }: ScalarNode, value: unknown): string | undefined {
  const found = typeof value
  if (format === 'quantity' || format === 'int-or-string' || format === 'time' || format === 'micro-time')
    return found === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined
  switch (type) {
    case 'string':
      return found === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goText(value)}}`
    case 'boolean':
      return found === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`
    default:
      return found === 'number' || found === 'bigint' ? undefined : `expected numeric (int or float), got ${goType(value)}`
  }
}

const longestShown = 200

/** A value as Go prints it, as much of it as tells which one it is. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length} items]`
  return isObject(value) ? `map[${Object.keys(value).join(' ').slice(0, longestShown)}]` : String(value).slice(0, longestShown)
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'boolean' ? 'bool' : isObject(value) ? 'map[string]interface {}' : typeof value
}

function checkMembers(
  node: Extract<TypeNode, { tag: 'object' | 'map' }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  problems: string[],
) {
  const shape: Extract<Shape, { type: 'struct' | 'map' }> =
    node.tag === 'object' ? { type: 'struct', node } : { type: 'map', value: node.value }
  for (const name of Object.keys(value)) {
    const at = `${path}.${name}`
    const member = memberNode(shape, name)
    if (member === undefined) problems.push(`${at}: field not declared in schema`)
    else check(member, value[name], at, problems)
  }
}

function checkItems(node: Extract<TypeNode, { tag: 'list' }>, value: readonly unknown[], path: string, problems: string[]): void {
  const shape = shapeOf(node, value)
  const seen = new Set<string>()
  for (const [index, item] of value.entries()) {
    if (problems.length >= maxProblems) return
    if (shape.type !== 'list') {
      check(node.item, item, `${path}[${index}]`, problems)
      continue
    }
    const element = itemElement(shape, item)
    if (element === undefined) {
      problems.push(`${path}: element ${index}: ${itemProblem(shape, item)}`)
      continue
    }
    const text = elementText(element)
    if (seen.has(element)) problems.push(`${path}: duplicate entries for key ${text}`)
    seen.add(element)
    check(node.item, item, path + text, problems)
  }
}
