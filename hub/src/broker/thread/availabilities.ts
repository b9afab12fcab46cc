import { availability } from '@bramble/shared/mqtt/topics/availability.ts'

/**
 * Under which topic the availability of each node is retained. The fleet in it is the node's own word, so what was retained under another
 * goes: a node that comes back under ever new fleets leaves one message in the broker, and not one for each.
 */
export function createAvailabilities(forget: (topic: string) => void) {
  const topics = new Map<string, string>()
  const nodeOf = (topic: string) => availability.match(topic)?.['node']
  return {
    /** A node speaks on this topic, which it may. */
    claim(topic: string): void {
      const node = nodeOf(topic)
      if (node === undefined) return
      const before = topics.get(node)
      topics.set(node, topic)
      if (before !== undefined && before !== topic) forget(before)
    },
    /** Whether the last will of a client that is gone may be published: not when its node has come back under another topic. */
    mayWill(topic: string): boolean {
      const node = nodeOf(topic)
      if (node === undefined) return false
      const latest = topics.get(node) ?? topic
      if (latest === topic) topics.set(node, topic)
      return latest === topic
    },
  }
}
