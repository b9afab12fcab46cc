import { type PodField, podFields, type Verdict } from './pod-fields.ts'
import { type StatusField, statusFields } from './status-fields.ts'

export type PodFacts = { readonly spec: readonly PodField[]; readonly status: readonly StatusField[] }

export const podFacts = async (): Promise<PodFacts> => ({ spec: await podFields(), status: statusFields() })

const textOf = (verdict: Verdict): string => {
  switch (verdict.state) {
    case 'done':
      return `done by ${verdict.by}`
    case 'refused':
      return `refused: ${verdict.why}`
    case 'warned':
      return `taken with a warning: ${verdict.why}`
    case 'no effect':
      return `nothing to do: ${verdict.why}`
    default:
      return 'IGNORED'
  }
}

type Row = { readonly path: string; readonly text: string }

/** Fields of one struct that all have the same said of them are one row, that of the struct. */
function folded(rows: readonly Row[]): readonly Row[] {
  const parents = new Map<string, Set<string>>()
  for (const { path, text } of rows) for (const parent of above(path)) parents.set(parent, (parents.get(parent) ?? new Set()).add(text))
  const shown = new Map<string, string>()
  for (const { path, text } of rows) {
    const whole = above(path).find((parent) => parents.get(parent)?.size === 1)
    shown.set(whole === undefined ? path : `${whole}.*`, text)
  }
  return [...shown].map(([path, text]) => ({ path, text }))
}

/** The structs that a field is in, the outermost first, but for the lists of a pod's spec. */
const above = (path: string): readonly string[] => {
  const parts = path.split('.')
  return parts
    .slice(0, -1)
    .map((_, i) => parts.slice(0, i + 1).join('.'))
    .slice(1)
    .filter((parent) => !/^spec\.(?:\w+C|c)ontainers\[\]$/.test(parent))
}

const table = (rows: readonly Row[]) => [
  '| field | what becomes of it |',
  '|---|---|',
  ...rows.map(({ path, text }) => `| \`${path}\` | ${text.replaceAll('|', '\\|')} |`),
]

export function podPage({ spec, status }: PodFacts): string {
  const isOf = (start: RegExp) =>
    folded(spec.filter(({ path }) => start.test(path)).map(({ path, verdict }) => ({ path, text: textOf(verdict) })))
  const ofContainers = isOf(/^spec\.containers\[\]/)
  const asThere = new Map(ofContainers.map(({ path, text }) => [path.replace('spec.containers[]', ''), text]))
  const others = (list: string) =>
    isOf(new RegExp(`^spec\\.${list}\\[\\]`)).filter(({ path, text }) => asThere.get(path.replace(`spec.${list}[]`, '')) !== text)
  const told = folded(
    status.map(({ path, isTold, why }) => ({
      path: `status.${path}`,
      text: isTold ? 'told by the node' : `not told: ${why ?? 'UNKNOWN'}`,
    })),
  )
  return [
    '# Pods, field by field',
    '',
    'Made by `npm run api-page`, from what the code does: each field of a pod is given a value, the agent and the plugins of the scheduler take that pod',
    'through its life, and what they read is what is done. A test holds that no field is taken and ignored. What is refused is refused by its name, when',
    'the pod is made and once more by its node.',
    '',
    '## The pod',
    '',
    ...table(isOf(/^spec\.(?!volumes\[\]|(?:\w+C|c)ontainers\[\])/)),
    '',
    '## Containers',
    '',
    ...table(ofContainers),
    '',
    '## Init containers and sidecars, where it is otherwise',
    '',
    ...table(others('initContainers')),
    '',
    '## Containers with which somebody looks into a pod, where it is otherwise',
    '',
    ...table(others('ephemeralContainers')),
    '',
    '## Volumes',
    '',
    ...table(isOf(/^spec\.volumes\[\]/)),
    '',
    '## The status',
    '',
    ...table(told),
    '',
  ].join('\n')
}
