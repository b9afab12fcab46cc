import { describe, expect, it } from 'vitest'
import { type Pod, pods } from '../pod.ts'
import { row, someContainer, somePod } from './testing.ts'

describe('the row of a pod', () => {
  const now = new Date('2026-01-01T00:10:00Z')
  const running = { name: 'app', ready: true, restartCount: 0, image: 'b', imageID: '', state: { running: {} }, started: true }
  const stopped = (terminated: object) => ({ ...running, ready: false, state: { terminated } })
  const waiting = (reason: string) => ({ ...running, ready: false, state: { waiting: { reason } } })
  const restarted = { ...running, restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:07:00Z' } } }
  const text = (spec: object, status: object, metadata: object = {}) => {
    const input = {
      apiVersion: 'v1',
      kind: 'Pod',
      ...somePod(spec),
      metadata: { name: 'web', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
      status,
    }
    return row(pods, pods.schema.parse(input), { now }).slice(1, 4).join(' ')
  }
  const init = [
    { ...someContainer, name: 'i' },
    { ...someContainer, name: 'j' },
  ]
  const sidecar = [{ ...someContainer, name: 's', restartPolicy: 'Always' }]
  const deleted = { deletionTimestamp: '2026-01-01T00:09:00Z' }
  it.each<[string, object, object, object]>([
    ['0/1 Pending 0', {}, { phase: 'Pending' }, {}],
    ['0/1 ContainerCreating 0', {}, { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] }, {}],
    ['1/1 Running 0', {}, { phase: 'Running', containerStatuses: [running] }, {}],
    ['1/1 Running 2 (3m ago)', {}, { phase: 'Running', containerStatuses: [restarted] }, {}],
    ['0/1 CrashLoopBackOff 0', {}, { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] }, {}],
    ['0/1 Completed 0', {}, { phase: 'Succeeded', containerStatuses: [stopped({ exitCode: 0, reason: 'Completed' })] }, {}],
    ['0/1 ExitCode:3 0', {}, { phase: 'Failed', containerStatuses: [stopped({ exitCode: 3 })] }, {}],
    ['0/1 Signal:9 0', {}, { phase: 'Failed', containerStatuses: [stopped({ exitCode: 137, signal: 9 })] }, {}],
    ['0/1 OOMKilled 0', {}, { phase: 'Running', containerStatuses: [stopped({ exitCode: 137, reason: 'OOMKilled' })] }, {}],
    ['0/1 Evicted 0', {}, { phase: 'Failed', reason: 'Evicted' }, {}],
    ['1/1 Terminating 0', {}, { phase: 'Running', containerStatuses: [running] }, deleted],
    ['1/1 Unknown 0', {}, { phase: 'Running', reason: 'NodeLost', containerStatuses: [running] }, deleted],
    [
      '0/1 SchedulingGated 0',
      {},
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
      {},
    ],
    ['0/1 Init:0/2 0', { initContainers: init }, { phase: 'Pending', initContainerStatuses: [{ ...running, name: 'i' }] }, {}],
    [
      '0/1 Init:1/2 0',
      { initContainers: init },
      {
        phase: 'Pending',
        initContainerStatuses: [
          { ...stopped({ exitCode: 0 }), name: 'i' },
          { ...waiting('PodInitializing'), name: 'j' },
        ],
      },
      {},
    ],
    [
      '0/1 Init:Error 0',
      { initContainers: init },
      { phase: 'Pending', initContainerStatuses: [{ ...stopped({ exitCode: 1, reason: 'Error' }), name: 'i' }] },
      {},
    ],
    [
      '0/1 Init:ExitCode:1 0',
      { initContainers: init },
      { phase: 'Pending', initContainerStatuses: [{ ...stopped({ exitCode: 1 }), name: 'i' }] },
      {},
    ],
    [
      '0/1 Init:CrashLoopBackOff 0',
      { initContainers: init },
      { phase: 'Pending', initContainerStatuses: [{ ...waiting('CrashLoopBackOff'), name: 'i' }] },
      {},
    ],
    [
      '2/2 Running 0',
      { initContainers: sidecar },
      { phase: 'Running', initContainerStatuses: [{ ...running, name: 's' }], containerStatuses: [running] },
      {},
    ],
    [
      '1/2 NotReady 0',
      { containers: [someContainer, { ...someContainer, name: 'b' }] },
      { phase: 'Running', containerStatuses: [stopped({ exitCode: 0, reason: 'Completed' }), { ...running, name: 'b' }] },
      {},
    ],
  ])('reads %s', (expected, spec, status, metadata) => {
    expect(text(spec, status, metadata)).toBe(expected)
  })

  it('tells the last restart among those whose time nobody told, and no time where there is none', () => {
    const ended = (name: string, finishedAt: string | null) => ({
      ...restarted,
      name,
      lastState: { terminated: { exitCode: 1, finishedAt } },
    })
    const of = (...containerStatuses: object[]) => {
      const stored = { apiVersion: 'v1', kind: 'Pod', ...somePod(), status: { phase: 'Running', containerStatuses } }
      return row(pods, stored as unknown as Pod, { now })[3] // as it is stored, with times that are null
    }
    expect(of(ended('a', null), ended('b', '2026-01-01T00:07:00Z'), ended('c', null))).toBe('6 (3m ago)')
    expect(of(ended('a', null))).toBe('2')
  })

  it('has its address and node with -o wide', () => {
    const input = somePod(
      { nodeName: 'pi-1', readinessGates: [{ conditionType: 'a' }] },
      { apiVersion: 'v1', kind: 'Pod', status: { podIPs: [{ ip: '10.42.0.7' }] } },
    )
    expect(row(pods, pods.schema.parse(input), { wide: true }).slice(5)).toEqual(['10.42.0.7', 'pi-1', '<none>', '0/1'])
  })
})
