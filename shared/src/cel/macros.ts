import type { CallExpr, Expr, FoldExpr, FoldName } from './ast.ts'
import { Unreadable } from './problem.ts'

/** What looks like a call and binds names, as a node of its own; any other call stays as it is. */
export function expandMacro(call: CallExpr): Expr {
  const { name, target, args, at } = call
  if (target === undefined) return name === 'has' && args.length === 1 ? hasOf(args[0] as Expr, at) : call // counted above
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    const [variable, body] = args as [Expr, Expr] // counted above
    return {
      tag: 'opt',
      isFlat: name === 'optFlatMap',
      of: target,
      name: nameOf(variable, `${name}() variable name must be a simple identifier`),
      body,
      at,
    }
  }
  const shape = shapes.get(name)?.get(args.length)
  return shape === undefined ? call : foldOf(shape, target, args, at)
}

type Shape = { readonly name: FoldName; readonly names: 1 | 2; readonly hasCondition: boolean }

const shape = (name: FoldName, names: 1 | 2, hasCondition = false): Shape => ({ name, names, hasCondition })

/** By name and number of arguments. */
const shapes: ReadonlyMap<string, ReadonlyMap<number, Shape>> = new Map(
  (
    [
      ['all', [shape('all', 1), shape('all', 2)]],
      ['exists', [shape('exists', 1), shape('exists', 2)]],
      ['exists_one', [shape('exists_one', 1)]],
      ['existsOne', [shape('exists_one', 1), shape('exists_one', 2)]],
      ['filter', [shape('filter', 1)]],
      ['map', [shape('map', 1), shape('map', 1, true)]],
      ['sortBy', [shape('sortBy', 1)]],
      ['transformList', [shape('transformList', 2), shape('transformList', 2, true)]],
      ['transformMap', [shape('transformMap', 2), shape('transformMap', 2, true)]],
      ['transformMapEntry', [shape('transformMapEntry', 2), shape('transformMapEntry', 2, true)]],
    ] as const
  ).map(([name, known]) => [name, new Map(known.map((each) => [each.names + (each.hasCondition ? 2 : 1), each]))]),
)

function foldOf({ name, names: count, hasCondition }: Shape, range: Expr, args: readonly Expr[], at: number): FoldExpr {
  const [first, second] = args
    .slice(0, count)
    .map((arg) => nameOf(arg, mappings.has(name) ? 'argument is not an identifier' : 'argument must be a simple name'))
  if (first !== undefined && first === second) throw new Unreadable((args[1] as Expr).at, `duplicate variable name: ${second}`) // there are two
  const names = second === undefined ? ([first ?? ''] as const) : ([first ?? '', second] as const)
  const body = args.at(-1) as Expr // a shape has at least two arguments
  return { tag: 'fold', name, names, range, condition: hasCondition ? args[count] : undefined, body, at }
}

const mappings: ReadonlySet<FoldName> = new Set(['map', 'filter', 'sortBy'])

function nameOf(expr: Expr, otherwise: string): string {
  if (expr.tag === 'ident') return expr.name
  throw new Unreadable(expr.at, otherwise)
}

function hasOf(argument: Expr, at: number): Expr {
  if (argument.tag === 'select' && !argument.isTest && !argument.isOptional) return { ...argument, isTest: true, at }
  throw new Unreadable(argument.at, 'invalid argument to has() macro')
}
