import { describe, expect, it } from 'vitest'
import { events } from '../event.ts'
import { reportedEvents } from '../reported-event.ts'
import { created, refusals, row, updateRefusals } from './testing.ts'

const metadata = { name: 'web.1', namespace: 'default' }
const eventTime = '2026-01-01T00:00:00.000000Z'
const pod = { kind: 'Pod', namespace: 'default', name: 'web' }
const core = { metadata, involvedObject: pod, reason: 'Pulled', type: 'Normal' }
const reported = {
  ...{ metadata, eventTime, regarding: pod, reason: 'Pulled', type: 'Normal', action: 'Pull', note: 'done' },
  ...{ reportingController: 'example.com/puller', reportingInstance: 'puller-1' },
}
const reporter = { eventTime, action: 'Pull', reportingComponent: 'puller', reportingInstance: 'puller-1' }
const elsewhere = 'involvedObject.namespace: Invalid value: "": does not match event.namespace'

describe('an event of the core group', () => {
  it.each([
    [{}, []],
    [{ metadata: { name: 'Web 1', namespace: 'default' } }, []],
    [{ involvedObject: { kind: 'Node', name: 'n' } }, []],
    [{ metadata: { name: 'n', namespace: 'kube-system' }, involvedObject: {} }, [elsewhere]],
    [{ metadata: { name: 'n', namespace: 'kube-system' }, involvedObject: {}, ...reporter }, []],
    [{ metadata: { name: 'n', namespace: 'a' }, involvedObject: {}, ...reporter }, [elsewhere]],
    [{ ...reporter, firstTimestamp: '2026-01-01T00:00:00Z', count: 3, type: 'Odd' }, []],
    [
      { eventTime, reason: '' },
      [
        'reportingController: Required value',
        'reportingController: Invalid value: "": name part must be non-empty',
        expect.stringContaining('reportingController: Invalid value: "": name part must consist of'),
        'reportingInstance: Required value',
        'action: Required value',
        'reason: Required value',
      ],
    ],
    [
      { ...reporter, action: 'x'.repeat(129), reason: 'x'.repeat(129), reportingInstance: 'x'.repeat(129), message: 'é'.repeat(513) },
      [
        'reportingInstance: Invalid value: "": can have at most 128 characters',
        'action: Invalid value: "": can have at most 128 characters',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ])('%j is told: %j', (change, errors) => {
    expect(refusals(events, { ...core, ...change })).toEqual(errors)
  })
})

describe('an event of events.k8s.io', () => {
  it('is printed as the same one of the core group', () => {
    expect(row(reportedEvents, created(reportedEvents, reported), { wide: true })).toEqual([
      ...[eventTime, 'Normal', 'Pulled', 'pod/web', '', 'example.com/puller, puller-1', 'done', eventTime, 1, 'web.1'],
    ])
  })

  it.each([
    [{}, []],
    [{ series: { count: 2, lastObservedTime: eventTime } }, []],
    [{ series: { count: 1 } }, ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value']],
    [{ eventTime: undefined }, ['eventTime: Required value']],
    [{ type: 'Odd' }, ['type: Invalid value: "": has invalid value: Odd']],
    [
      {
        ...{ deprecatedFirstTimestamp: '2026-01-01T00:00:00Z', deprecatedLastTimestamp: '2026-01-01T00:00:00Z' },
        ...{ deprecatedCount: 1, deprecatedSource: { host: 'pi' } },
      },
      ['firstTimestamp', 'lastTimestamp', 'count', 'source'].map((field) => `${field}: Invalid value: "": needs to be unset`),
    ],
  ])('%j is told: %j', (change, errors) => {
    expect(refusals(reportedEvents, { ...reported, ...change })).toEqual(errors)
  })

  it('gets a longer series and nothing else', () => {
    const before = created(reportedEvents, reported)
    const series = { count: 2, lastObservedTime: eventTime }
    expect(updateRefusals(reportedEvents, before, (next) => void (next.series = series))).toEqual([])
    expect(updateRefusals(reportedEvents, before, (next) => void (next.series = { count: 0 }))).toEqual([
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
    ])
    expect(updateRefusals(reportedEvents, before, (next) => Object.assign(next, { note: 'other', reportingController: 'x' }))).toEqual([
      'message: Invalid value: "other": field is immutable',
      'reportingController: Invalid value: "x": field is immutable',
    ])
  })
})
