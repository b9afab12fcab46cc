import { arch, hostname, machine, networkInterfaces, release } from 'node:os'
import { discover } from '@bramble/shared/discover.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { isFact, type Fact, type FactSource, type NodeFacts } from './fact.ts'

export const facts: readonly Fact[] = discover(import.meta.glob('./facts/*.ts', { eager: true }), isFact)

/** This machine. */
export const machineSource = (dataDir: string, addressTowardsHub?: () => Promise<string | undefined>): FactSource => ({
  proc: '/proc',
  sys: '/sys',
  etc: '/etc',
  processArch: arch(),
  machine: machine(),
  hostname: hostname(),
  kernelRelease: release(),
  now: Date.now,
  dataDir,
  interfaces: networkInterfaces,
  ...(addressTowardsHub && { addressTowardsHub }),
})

/** Reads the facts; one that fails costs that fact and is said, never the node. */
export async function readFacts(source: FactSource, log: Log, among: readonly Fact[] = facts): Promise<Partial<NodeFacts>> {
  let found: Partial<NodeFacts> = {}
  for (const fact of among) {
    try {
      found = withFacts(found, await fact.read(source))
    } catch (error) {
      log.warn({ fact: fact.name, error: messageOf(error) }, 'a fact of this node could not be read')
    }
  }
  return found
}

/** What is known with what was found since. Labels are of many facts, and each keeps its own. */
export const withFacts = (known: Partial<NodeFacts>, found: Partial<NodeFacts>): Partial<NodeFacts> => ({
  ...known,
  ...found,
  ...((known.labels ?? found.labels) !== undefined && { labels: { ...known.labels, ...found.labels } }),
})
