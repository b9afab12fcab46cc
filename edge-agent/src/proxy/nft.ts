import type { exec as hostExec } from '../host/exec.ts'
import type { NftTable } from './nft-table.ts'

export type Exec = typeof hostExec

/** The door to nftables: text in, one transaction. */
export type Nft = {
  /** All of the script or nothing of it. */
  apply(script: string, signal?: AbortSignal): Promise<void>
  /** Whether `apply` would take it; nothing is changed. */
  accepts(script: string, signal?: AbortSignal): Promise<boolean>
  /** What the kernel holds under that name; undefined when the table is absent. */
  survey(table: string, signal?: AbortSignal): Promise<Survey | undefined>
  /** All tables there are: `ip filter`. */
  tables(): Promise<readonly string[]>
  remove(table: string): Promise<void>
  /** Base chains of other tables that drop what is forwarded unless told otherwise, such as docker's: `ip filter FORWARD`. */
  droppingForwardChains(ownTable: string, signal?: AbortSignal): Promise<readonly string[]>
}

/** The names in a table and how much each holds: enough to see that somebody flushed it, and little to read. */
export type Survey = {
  readonly rulesOfChain: ReadonlyMap<string, number>
  readonly elementsOfSet: ReadonlyMap<string, number>
}

/** `exec` decides whose nftables: the machine's, or those of a network namespace. */
export function createNft({ exec }: { readonly exec: Exec }): Nft {
  const run = async (args: readonly string[], options: { input?: string; signal?: AbortSignal } = {}) => {
    const { code, stdout, stderr } = await exec('nft', args, options)
    if (code !== 0) throw new NftError(firstError(stderr), stderr)
    return stdout
  }
  return {
    async apply(script, signal) {
      await run(['-f', '-'], { input: script, signal })
    },
    async accepts(script, signal) {
      const { code } = await exec('nft', ['-c', '-f', '-'], { input: script, signal })
      return code === 0
    },
    async survey(table, signal) {
      try {
        return surveyOf(JSON.parse(await run(['-j', 'list', 'table', ...table.split(' ')], { signal })) as Listing)
      } catch (error) {
        if (error instanceof NftError && error.isAbsent) return undefined
        throw error
      }
    },
    async tables() {
      const { nftables } = JSON.parse(await run(['-j', 'list', 'tables'])) as {
        nftables: readonly { table?: { family: string; name: string } }[]
      }
      return nftables.flatMap(({ table }) => (table ? [`${table.family} ${table.name}`] : []))
    },
    async remove(table) {
      await run(['-f', '-'], { input: `add table ${table}\ndelete table ${table}\n` })
    },
    async droppingForwardChains(ownTable, signal) {
      const { nftables } = JSON.parse(await run(['-j', 'list', 'chains'], { signal })) as { nftables: readonly { chain?: ListedChain }[] }
      return nftables
        .flatMap(({ chain }) => (chain ? [chain] : []))
        .filter(({ hook, policy, family, table }) => hook === 'forward' && policy === 'drop' && `${family} ${table}` !== ownTable)
        .map(({ family, table, name }) => `${family} ${table} ${name}`)
    },
  }
}

type ListedChain = { family: string; table: string; name: string; hook?: string; policy?: string }

/** What nft refused, in one sentence. */
export class NftError extends Error {
  readonly isAbsent: boolean

  constructor(sentence: string, stderr: string) {
    super(`nft refused the rules: ${sentence}`)
    this.name = 'NftError'
    this.isAbsent = stderr.includes('No such file or directory')
  }
}

/** nft prints the place, the reason, the line and a row of carets; the first reason and its line are what helps. */
function firstError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !/^[\s^~]+$/.test(line))
  const [reason = 'it gave no reason', line = ''] = lines
  const text = reason.replace(/^.*?Error: /, '')
  if (text.includes('Operation not permitted')) return 'changing nftables needs root (CAP_NET_ADMIN)'
  return line === '' || reason === line ? text : `${text}, in: ${line.trim().slice(0, 200)}`
}

type ListedSet = { readonly name: string; readonly elem?: readonly unknown[] }
type Listing = {
  readonly nftables: readonly {
    readonly chain?: ListedChain
    readonly rule?: { readonly chain: string }
    readonly set?: ListedSet
    readonly map?: ListedSet
  }[]
}

function surveyOf({ nftables }: Listing): Survey {
  const rulesOfChain = new Map<string, number>()
  const elementsOfSet = new Map<string, number>()
  for (const { chain, rule, set, map } of nftables) {
    if (chain) rulesOfChain.set(chain.name, 0)
    if (rule) rulesOfChain.set(rule.chain, (rulesOfChain.get(rule.chain) ?? 0) + 1)
    const named = set ?? map
    if (named) elementsOfSet.set(named.name, named.elem?.length ?? 0)
  }
  return { rulesOfChain, elementsOfSet }
}

/** True when the kernel still holds what was put there. Dynamic sets are filled by packets, so only their presence counts. */
export function isIntact({ chains, sets }: NftTable, { rulesOfChain, elementsOfSet }: Survey): boolean {
  if (rulesOfChain.size !== chains.size || elementsOfSet.size !== sets.size) return false
  for (const [name, { rules }] of chains) if (rulesOfChain.get(name) !== rules.length) return false
  for (const [name, { declaration, elements }] of sets) {
    const count = elementsOfSet.get(name)
    if (count === undefined || (!declaration.includes('dynamic') && count !== elements.size)) return false
  }
  return true
}
