import { type ClientRun, type KubectlAge, kubectlAges } from '../../harness/clients.ts'

type Text = string | RegExp
/** What is said, whole or in part; by the oldest kubectl that says it so, where they differ. */
export type Said = Text | Partial<Record<KubectlAge, Text>>

/** One command, and what a real cluster would make kubectl say and answer. */
export type Step = {
  /** The words after `kubectl -n GROUP`; what stands in '…' is one. `{home}`: the folder of the hub. */
  readonly run: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly since?: KubectlAge
  readonly until?: KubectlAge
  /** 0 unless told. */
  readonly code?: number
  readonly out?: Said
  /** How often that is in what is said. */
  readonly times?: readonly [text: RegExp, count: number]
  /** Nothing but warnings, unless told, where the command succeeds. */
  readonly err?: Said
  /** It is so in a moment: the hub's loops come after what was written. */
  readonly soon?: true
}

/** Steps that build on each other, in a namespace of their own that is called as the group. */
export type Group = {
  readonly name: string
  /** Its objects say themselves where they are. */
  readonly anywhere?: true
  readonly steps: readonly Step[]
}

const place = (age: KubectlAge) => kubectlAges.indexOf(age)

export const isFor = ({ since = '1.26', until = '1.35' }: Step, age: KubectlAge): boolean =>
  place(since) <= place(age) && place(age) <= place(until)

/** Words as a shell would cut them, with no more than single quotes. */
export const wordsOf = (line: string): string[] => [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))

/** What was said otherwise than it should be; undefined when all is as told. */
export function differenceOf(step: Step, age: KubectlAge, { code, out, err }: ClientRun): string | undefined {
  const wanted = step.code ?? 0
  const told = err.replaceAll(/^Warning: .*\n/gm, '')
  const wrong = [
    ...(code === wanted ? [] : [`exit code ${code}, expected ${wanted}`]),
    ...differenceIn('stdout', step.out, age, out),
    ...countIn(step.times, out),
    ...(step.err === undefined && wanted === 0 ? differenceIn('stderr', '', age, told) : differenceIn('stderr', step.err, age, told)),
  ]
  return wrong.length === 0 ? undefined : [`kubectl ${step.run}`, ...wrong, `stdout: ${cut(out)}`, `stderr: ${cut(err)}`].join('\n  ')
}

function differenceIn(what: string, said: Said | undefined, age: KubectlAge, found: string): string[] {
  const wanted = said === undefined ? undefined : textFor(said, age)
  if (wanted === undefined) return []
  const isSo = typeof wanted === 'string' ? wanted === found : wanted.test(found)
  return isSo ? [] : [`${what} is not ${typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted)}`]
}

function countIn(times: Step['times'], found: string): string[] {
  if (times === undefined) return []
  const [text, wanted] = times
  const count = [...found.matchAll(text)].length
  return count === wanted ? [] : [`${String(text)} is ${count} times in stdout, expected ${wanted}`]
}

function textFor(said: Said, age: KubectlAge): Text | undefined {
  if (typeof said === 'string' || said instanceof RegExp) return said
  const oldest = kubectlAges.toReversed().find((each) => place(each) <= place(age) && said[each] !== undefined)
  return oldest === undefined ? undefined : said[oldest]
}

const cut = (text: string) => JSON.stringify(text.length > 1_500 ? `${text.slice(0, 1_500)} …` : text)
