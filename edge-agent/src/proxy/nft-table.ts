/**
 * One nftables table as data. Everything in it has a name, so that two tables can be compared and only what differs is sent:
 * a chain is rewritten when a rule of it changed, a map gains and loses single elements, a dynamic set keeps what the kernel put into it.
 */
export type NftTable = {
  /** `inet bramble_ab12` */
  readonly name: string
  readonly chains: ReadonlyMap<string, NftChain>
  readonly sets: ReadonlyMap<string, NftSet>
}

export type NftChain = {
  /** `type nat hook prerouting priority -101; policy accept;` for a chain that the kernel calls. */
  readonly hook?: string
  readonly rules: readonly string[]
}

export type NftSet = {
  readonly type: 'set' | 'map'
  /** `type ipv4_addr . inet_service : verdict;` */
  readonly declaration: string
  /** Key → value (empty in a set). A dynamic set is filled by rules and has none here. */
  readonly elements: ReadonlyMap<string, string>
}

// Batches of elements keep a line (and the kernel's message) of bounded size.
const elementsPerCommand = 500

/** The text that makes `wanted` of whatever stands under that name, in one transaction. */
export function replaceScript(wanted: NftTable): string {
  // `add` before `delete` makes the deletion of an absent table no error.
  return [`add table ${wanted.name}`, `delete table ${wanted.name}`, `add table ${wanted.name}`, ...changeLines(empty(wanted.name), wanted)]
    .join('\n')
    .concat('\n')
}

/**
 * The text that makes `wanted` of a table of ours that an earlier life of the agent left: all rules and elements are
 * written anew, in the same transaction, but dynamic sets keep what they have collected.
 */
export function adoptScript(left: { readonly chains: Iterable<string>; readonly sets: Iterable<string> }, wanted: NftTable): string {
  const sets = [...left.sets].map((name): [string, NftSet] => [
    name,
    wanted.sets.get(name) ?? { type: 'set', declaration: '', elements: new Map() },
  ])
  const flushes = sets
    .filter(([name, { declaration }]) => wanted.sets.has(name) && !declaration.includes('dynamic'))
    .map(([name, { type }]) => `flush ${type} ${wanted.name} ${name}`)
  const seen: NftTable = {
    name: wanted.name,
    chains: new Map([...left.chains].map((name) => [name, { ...wanted.chains.get(name), rules: ['unknown'] }])),
    sets: new Map(sets.map(([name, set]) => [name, { ...set, elements: new Map() }])),
  }
  return [...flushes, ...changeLines(seen, wanted)].join('\n').concat('\n')
}

/** The text that makes `wanted` of `seen` in one transaction; empty when they are equal. */
export function changeScript(seen: NftTable, wanted: NftTable): string {
  const lines = changeLines(seen, wanted)
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const empty = (name: string): NftTable => ({ name, chains: new Map(), sets: new Map() })

/** In the order the kernel needs: what is pointed at exists before the pointer, and goes after it. */
function changeLines(seen: NftTable, wanted: NftTable): string[] {
  const { name } = wanted
  const replacedSet = (set: string) => seen.sets.has(set) && seen.sets.get(set)?.declaration !== wanted.sets.get(set)?.declaration
  const replacedChain = (chain: string) => seen.chains.has(chain) && seen.chains.get(chain)?.hook !== wanted.chains.get(chain)?.hook
  for (const set of seen.sets.keys()) {
    // Nobody but a new release of the agent changes these; then a fresh table is simpler than every order of deletions.
    if (wanted.sets.has(set) && replacedSet(set)) return [`delete table ${name}`, `add table ${name}`, ...changeLines(empty(name), wanted)]
  }
  for (const chain of seen.chains.keys()) {
    if (wanted.chains.has(chain) && replacedChain(chain))
      return [`delete table ${name}`, `add table ${name}`, ...changeLines(empty(name), wanted)]
  }

  const lines: string[] = []
  for (const [set, { type, declaration }] of wanted.sets)
    if (!seen.sets.has(set)) lines.push(`add ${type} ${name} ${set} { ${declaration} }`)
  for (const [chain, { hook }] of wanted.chains) {
    if (!seen.chains.has(chain)) lines.push(hook === undefined ? `add chain ${name} ${chain}` : `add chain ${name} ${chain} { ${hook} }`)
  }
  for (const [chain, { rules }] of wanted.chains) {
    const before = seen.chains.get(chain)
    if (before !== undefined && sameRules(before.rules, rules)) continue
    if (before !== undefined) lines.push(`flush chain ${name} ${chain}`)
    for (const rule of rules) lines.push(`add rule ${name} ${chain} ${rule}`)
  }
  for (const [set, { elements }] of wanted.sets) {
    const before = seen.sets.get(set)?.elements ?? new Map<string, string>()
    const gone = [...before.keys()].filter((key) => elements.get(key) !== before.get(key))
    const come = [...elements].filter(([key, value]) => before.get(key) !== value)
    lines.push(...elementLines('delete', name, set, gone))
    lines.push(...elementLines('add', name, set, come.map(([key, value]) => (value === '' ? key : `${key} : ${value}`)))) // prettier-ignore
  }
  const goneChains = [...seen.chains.keys()].filter((chain) => !wanted.chains.has(chain))
  for (const chain of goneChains) lines.push(`flush chain ${name} ${chain}`)
  for (const chain of goneChains) lines.push(`delete chain ${name} ${chain}`)
  for (const [set, { type }] of seen.sets) if (!wanted.sets.has(set)) lines.push(`delete ${type} ${name} ${set}`)
  return lines
}

const sameRules = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((rule, index) => rule === right[index])

function* batches(items: readonly string[]): Generator<string> {
  for (let at = 0; at < items.length; at += elementsPerCommand) yield items.slice(at, at + elementsPerCommand).join(', ')
}

const elementLines = (verb: 'add' | 'delete', table: string, set: string, elements: readonly string[]): string[] =>
  [...batches(elements)].map((batch) => `${verb} element ${table} ${set} { ${batch} }`)
