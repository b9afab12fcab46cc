import { describe, expect, it } from 'vitest'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { createActiveTime } from './active-time.ts'
import { deadlineInMs, outcomeOf } from './pod-outcome.ts'
import { now as start, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'

const pod = samplePod({ activeDeadlineSeconds: 600 }, {}, { startTime: '2026-06-01T12:00:00Z' })
const seen = seenPod([sandbox()], [seenContainer('main')])

/** A board: its clocks, its boots, and agents that come and go on it. */
function board() {
  const { facts } = createMemoryCache()
  const time = { now: start, monotonic: 50_000, bootId: 'first' }
  const agent = () => createActiveTime({ facts, clock: { now: () => time.now, monotonic: () => time.monotonic }, bootId: time.bootId })
  const pass = (ms: number) => {
    time.now += ms
    time.monotonic += ms
  }
  return { time, agent, pass, facts }
}
const minute = 60_000
const year = 365 * 24 * 60 * minute

describe('the active deadline of a pod', () => {
  it.each([
    ['forward', year],
    ['back', -year],
  ])('is neither reached nor put off by a clock that is set %s', (_how, jump) => {
    const { time, agent, pass } = board()
    const times = agent()
    const look = () => ({ activeMs: times.of(pod) })
    expect(outcomeOf(pod, seen, look())).toBeUndefined()
    pass(5 * minute)
    time.now += jump
    expect(outcomeOf(pod, seen, look())).toBeUndefined()
    expect(deadlineInMs(pod, look())).toBe(5 * minute)
    pass(5 * minute)
    expect(outcomeOf(pod, seen, look())).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
  })

  it('goes on where it was when the agent restarts, also under a clock that was set meanwhile', () => {
    const { time, agent, pass } = board()
    agent().of(pod)
    pass(4 * minute)
    time.now -= year
    pass(3 * minute)
    expect(agent().of(pod)).toBe(7 * minute)
  })

  it('goes on from what was kept last when the board restarts, whatever its clock says then', () => {
    const { time, agent, pass } = board()
    const before = agent()
    for (let step = 0; step < 50; step++) {
      before.of(pod)
      pass(10_000)
    }
    Object.assign(time, { now: 20_000, monotonic: 20_000, bootId: 'second' })
    const after = agent()
    const kept = after.of(pod) ?? 0
    expect(kept).toBeGreaterThan(6 * minute)
    expect(kept).toBeLessThanOrEqual(500_000)
    time.now = start + year // the network told the time
    pass(minute)
    expect(after.of(pod)).toBe(kept + minute)
  })

  it('costs the card a write for a tenth of it and not one for each look', () => {
    const { agent, pass, facts } = board()
    let writes = 0
    const set = facts.set.bind(facts)
    Object.assign(facts, { set: (key: string, value: unknown) => (writes++, set(key, value)) })
    const times = agent()
    for (let step = 0; step < 600; step++) {
      times.of(pod)
      pass(1000)
    }
    expect(writes).toBeLessThanOrEqual(11)
  })

  it('is not counted for a pod that has none, and forgotten with the pod', () => {
    const { agent, pass, facts } = board()
    const times = agent()
    expect(times.of(samplePod())).toBeUndefined()
    times.of(pod)
    pass(minute)
    times.forget('u1')
    expect(facts.get('active/u1')).toBeUndefined()
  })
})
