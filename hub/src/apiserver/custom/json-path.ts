/** What a path of `kubectl get -o jsonpath` leads to in an object, as printer columns name it: `.status.conditions[?(@.type=="Ready")].status`. */
export type JsonPath = (value: unknown) => readonly unknown[]

type Step = (values: readonly unknown[]) => readonly unknown[]

/** However a path and an object meet, no more than so many values are on the way. */
const mostValues = 1000

/** Undefined for what is no path that this understands. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps = stepsOf(text.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, ''))
  if (steps === undefined) return undefined
  return (value) =>
    steps.reduce<readonly unknown[]>((values, step) => (values.length === 0 ? values : step(values).slice(0, mostValues)), [value])
}

const name = /^\.?((?:\\.|[^.[\]\\])+)/
const quoted = /^\[\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*\]/
const index = /^\[\s*(-?\d+)\s*\]/
const slice = /^\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]/
const every = /^(?:\[\s*\*\s*\]|\.\*)/
const filter = /^\[\s*\?\(\s*@((?:\.(?:\\.|[^.[\]\\\s=!<>()])+)*)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[-\w.]+)\s*)?\)\s*\]/

function stepsOf(path: string): readonly Step[] | undefined {
  const steps: Step[] = []
  let rest = path === '.' ? '' : path
  while (rest !== '') {
    const [step, length] = nextStep(rest) ?? []
    if (step === undefined || length === undefined) return undefined
    steps.push(step)
    rest = rest.slice(length)
  }
  return steps
}

function nextStep(rest: string): readonly [Step, number] | undefined {
  let match: RegExpExecArray | null
  if ((match = every.exec(rest)) !== null) return [each(membersOf), match[0].length]
  if ((match = quoted.exec(rest)) !== null) return [member((match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1')), match[0].length]
  if ((match = index.exec(rest)) !== null) {
    const at = Number(match[1])
    return [each((value) => (Array.isArray(value) ? value.slice(at).slice(0, 1) : [])), match[0].length]
  }
  if ((match = slice.exec(rest)) !== null) {
    const [, from = '', to = ''] = match
    const ends = [from === '' ? 0 : Number(from), to === '' ? undefined : Number(to)] as const
    return [each((value) => (Array.isArray(value) ? value.slice(...ends) : [])), match[0].length]
  }
  if ((match = filter.exec(rest)) !== null) return [filtered(match), match[0].length]
  if (rest.startsWith('..')) return undefined
  if ((match = name.exec(rest)) !== null) return [member((match[1] ?? '').replace(/\\(.)/g, '$1')), match[0].length]
  return undefined
}

const each =
  (of: (value: unknown) => readonly unknown[]): Step =>
  (values) =>
    values.flatMap(of)

const membersOf = (value: unknown): readonly unknown[] => (typeof value === 'object' && value !== null ? Object.values(value) : [])

const member = (key: string): Step =>
  each((value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
      ? [(value as Record<string, unknown>)[key]]
      : [],
  )

function filtered([, path = '', operator, literal = '']: RegExpExecArray): Step {
  const steps = stepsOf(path) ?? []
  const wanted = /^["']/.test(literal) ? literal.slice(1, -1) : literal
  const isMatch = (item: unknown): boolean => {
    const [found] = steps.reduce<readonly unknown[]>((values, step) => step(values), [item])
    if (operator === undefined) return found !== undefined
    return found !== undefined && compares(operator, found, /^["']/.test(literal) ? wanted : valueOf(wanted))
  }
  return each((value) => (Array.isArray(value) ? value.filter(isMatch) : []))
}

const valueOf = (word: string): unknown =>
  word === 'true' ? true : word === 'false' ? false : Number.isNaN(Number(word)) ? word : Number(word)

function compares(operator: string, found: unknown, wanted: unknown): boolean {
  if (operator === '==') return found === wanted
  if (operator === '!=') return found !== wanted
  if (typeof found !== typeof wanted || (typeof found !== 'number' && typeof found !== 'string')) return false
  const order = found < (wanted as typeof found) ? -1 : found === wanted ? 0 : 1 // of one type, the line before
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0
}
