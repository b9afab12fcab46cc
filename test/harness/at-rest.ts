import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'

/** What keeps a process alive, by its name in Node. Files being read and the test runner's own are not ours to close. */
const counted = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'PipeWrap', 'ProcessWrap', 'UDPWrap', 'FSEventWrap', 'MessagePort']

const open = (): Readonly<Record<string, number>> => {
  const names = process.getActiveResourcesInfo()
  return Object.fromEntries(counted.map((kind) => [kind, names.filter((name) => name === kind).length]))
}

const excess = (before: Readonly<Record<string, number>>) =>
  Object.entries(open()).flatMap(([kind, count]) => (count > (before[kind] ?? 0) ? [`${count - (before[kind] ?? 0)} ${kind}`] : []))

/** Closing a connection takes the loop some turns; what is still open after this was forgotten. */
const settleMs = 10_000

// The real clock, whatever time a suite leaves behind.
const now = performance.now.bind(performance)
const before = open()
// A hook that is set up first runs last: after everything the suite itself takes down.
afterAll(async () => {
  const giveUpAt = now() + settleMs
  for (let left = excess(before); left.length > 0; left = excess(before)) {
    if (now() > giveUpAt) expect(left, 'timers, connections, servers and processes that the suite left open').toEqual([])
    await turn()
    await pause(5, undefined, { ref: false })
  }
}, 2 * settleMs)
