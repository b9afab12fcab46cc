import type { CallExpr, Expr, MessageExpr, SelectExpr } from './ast.ts'
import type { Typing } from './checker.ts'
import type { Overload } from './define.ts'
import { isSame } from './equality.ts'
import { foldStep } from './folds.ts'
import { messageOf } from './message-value.ts'
import type { Step } from './step.ts'
import type { CelType } from './types.ts'
import { CelList, CelMap, EntryMap, Fault, isOfType, noOverload, Optional, orElse, type Value } from './values.ts'

/** Where names are found: a slot each. */
export type Slots = { readonly names: ReadonlyMap<string, number>; readonly next: number }

/** The program of a checked expression. */
export function programOf(expr: Expr, typings: ReadonlyMap<Expr, Typing>, slots: Slots): Step {
  const inner = (part: Expr, within: Slots = slots) => programOf(part, typings, within)
  switch (expr.tag) {
    case 'const': {
      const { value } = expr
      return () => value
    }
    case 'ident':
      return identStep(expr.name, typings.get(expr), slots)
    case 'select':
      return selectStep(expr, typings, slots, inner)
    case 'call':
      return callStep(expr, typings, inner)
    case 'list':
      return listStep(expr.items.map(({ value, isOptional }) => ({ step: inner(value), isOptional })))
    case 'map':
      return mapStep(expr.entries.map(({ key, value, isOptional }) => ({ key: inner(key), value: inner(value), isOptional })))
    case 'message':
      return messageStep(expr, typings.get(expr)?.type, inner)
    case 'fold': {
      const names = expr.names.map((name, index) => [name, slots.next + index] as const)
      const within = { names: new Map([...slots.names, ...names]), next: slots.next + names.length }
      const condition = expr.condition === undefined ? undefined : inner(expr.condition, within)
      return foldStep({ ...expr, range: inner(expr.range), condition, body: inner(expr.body, within), slot: slots.next })
    }
    case 'opt': {
      const within = { names: new Map([...slots.names, [expr.name, slots.next]]), next: slots.next + 1 }
      return optStep(inner(expr.of), inner(expr.body, within), slots.next, expr.isFlat)
    }
    default:
      return expr satisfies never
  }
}

type Inner = (part: Expr) => Step

function identStep(name: string, typing: Typing | undefined, slots: Slots): Step {
  const constant = typing?.constant
  if (constant !== undefined) return () => constant
  const slot = slots.names.get(name) ?? -1
  const missing = new Fault(`no such attribute(s): ${name}`)
  return (run) => {
    run.budget.pay(1)
    return orElse(run.slots[slot], missing)
  }
}

function selectStep(expr: SelectExpr, typings: ReadonlyMap<Expr, Typing>, slots: Slots, inner: Inner): Step {
  const typing = typings.get(expr)
  const constant = typing?.constant
  if (constant !== undefined) return () => constant
  if (typing?.variable !== undefined) return identStep(typing.variable, typing, slots)
  const of = inner(expr.of)
  const { field, isTest, isOptional } = expr
  const missing = new Fault(`no such key: ${field}`)
  return (run) => {
    const given = of(run)
    if (given instanceof Fault) return given
    if (!isTest) run.budget.pay(1)
    const isWrapped = given instanceof Optional
    const value = isWrapped ? given.value : given
    if (value === undefined) return isTest ? false : none
    if (!(value instanceof CelMap)) return noOverload
    if (isTest) return value.has(field)
    const found = value.get(field)
    if (isOptional || isWrapped) return new Optional(found)
    return orElse(found, missing)
  }
}

const none = new Optional(undefined)

function callStep(expr: CallExpr, typings: ReadonlyMap<Expr, Typing>, inner: Inner): Step {
  const typing = typings.get(expr)
  const args = expr.args.map((arg) => inner(arg))
  const [first, second, third] = args as [Step, Step, Step] // as many as the operator has
  switch (expr.name) {
    case '_&&_':
      return logicalStep(args, false)
    case '_||_':
      return logicalStep(args, true)
    case '_?_:_':
      return (run) => {
        const condition = first(run)
        if (typeof condition === 'boolean') return condition ? second(run) : third(run)
        return condition instanceof Fault ? condition : noOverload
      }
    case '_==_':
      return sameStep(first, second, true)
    case '_!=_':
      return sameStep(first, second, false)
    default: {
      const target = expr.target === undefined || typing?.isQualified === true ? [] : [inner(expr.target)]
      return overloadStep(typing?.overloads ?? [], [...target, ...args])
    }
  }
}

/** Whoever decides is heard, whatever errors stand beside. */
function logicalStep(steps: readonly Step[], decides: boolean): Step {
  return (run) => {
    let fault: Fault | undefined
    for (const step of steps) {
      const value = step(run)
      if (value === decides) return decides
      if (value instanceof Fault) fault ??= value
      else if (typeof value !== 'boolean') fault ??= noOverload
    }
    return fault ?? !decides
  }
}

function sameStep(first: Step, second: Step, wanted: boolean): Step {
  return (run) => {
    const a = first(run)
    if (a instanceof Fault) return a
    const b = second(run)
    if (b instanceof Fault) return b
    return isSame(a, b, run.budget) === wanted
  }
}

function overloadStep(overloads: readonly Overload[], steps: readonly Step[]): Step {
  return (run) => {
    const args: Value[] = []
    for (const step of steps) {
      const value = step(run)
      if (value instanceof Fault) return value
      args.push(value)
    }
    for (const overload of overloads)
      if (args.every((arg, index) => isOfType(arg, overload.params[index] as Overload['params'][number])))
        return overload.run(args, run.budget) // as many as the checker has counted
    return noOverload
  }
}

/** What Kubernetes counts for making a list and a map. */
const listUnits = 10
const mapUnits = 30
const messageUnits = 40

function listStep(items: readonly { readonly step: Step; readonly isOptional: boolean }[]): Step {
  return (run) => {
    run.budget.pay(listUnits)
    const made: Value[] = []
    for (const { step, isOptional } of items) {
      const value = step(run)
      if (value instanceof Fault) return value
      if (!isOptional) made.push(value)
      else if (!(value instanceof Optional)) return noOverload
      else if (value.value !== undefined) made.push(value.value)
    }
    return new CelList(made)
  }
}

function mapStep(entries: readonly { readonly key: Step; readonly value: Step; readonly isOptional: boolean }[]): Step {
  return (run) => {
    run.budget.pay(mapUnits)
    const made = new EntryMap()
    for (const { key, value, isOptional } of entries) {
      const name = key(run)
      if (name instanceof Fault) return name
      let member = value(run)
      if (member instanceof Fault) return member
      if (isOptional) {
        if (!(member instanceof Optional)) return noOverload
        if (member.value === undefined) continue
        member = member.value
      }
      if (typeof name === 'string') run.budget.payForText(name.length)
      const wrong = made.add(name, member)
      if (wrong !== undefined) return wrong
    }
    return made
  }
}

function messageStep({ fields }: MessageExpr, type: CelType | undefined, inner: Inner): Step {
  const steps = fields.map(({ name, value, isOptional }) => ({ name, step: inner(value), isOptional }))
  if (type?.tag !== 'object') return () => noOverload
  return (run) => {
    run.budget.pay(messageUnits)
    const made = new Map<string, Value>()
    for (const { name, step, isOptional } of steps) {
      const value = step(run)
      if (value instanceof Fault) return value
      if (!isOptional) made.set(name, value)
      else if (!(value instanceof Optional)) return noOverload
      else if (value.value !== undefined) made.set(name, value.value)
    }
    return messageOf(type, made)
  }
}

function optStep(of: Step, body: Step, slot: number, isFlat: boolean): Step {
  return (run) => {
    const given = of(run)
    if (given instanceof Fault) return given
    run.budget.pay(1)
    if (!(given instanceof Optional)) return noOverload
    if (given.value === undefined) return none
    run.slots[slot] = given.value
    const result = body(run)
    if (result instanceof Fault) return result
    if (isFlat) return result instanceof Optional ? result : noOverload
    return new Optional(result)
  }
}
