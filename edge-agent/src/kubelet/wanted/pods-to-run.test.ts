import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { samplePod } from '../testing/samples.ts'
import { createPodsToRun } from './pods-to-run.ts'

const source = { 'kubernetes.io/config.source': 'file' }
const born = samplePod({}, { uid: 'u1', annotations: source })
const mirror = (metadata: object = {}, status?: Pod['status']) =>
  samplePod({}, { uid: 'm1', resourceVersion: '7', annotations: { ...source, 'kubernetes.io/config.mirror': 'u1' }, ...metadata }, status)

describe('the pods that a node is to run', () => {
  it('are those of the API that are bound to it, and those of its folder', () => {
    const ofApi = samplePod({}, { uid: 'u2', resourceVersion: '7' })
    const elsewhere = samplePod({ nodeName: 'node-2' }, { uid: 'u3', resourceVersion: '7' })
    expect([...createPodsToRun('node-1')([born, ofApi, elsewhere])]).toEqual([
      ['u1', born],
      ['u2', ofApi],
    ])
  })

  it('have the state that their mirror has, and nothing else of it, least of all its end', () => {
    const podsToRun = createPodsToRun('node-1')
    const deleted = mirror(
      { deletionTimestamp: '2026-06-01T12:00:00Z', deletionGracePeriodSeconds: 3 },
      { phase: 'Running', startTime: '2026-01-01T00:00:00Z' },
    )
    const [pod, ...more] = podsToRun([born, deleted]).values()
    expect(more).toEqual([])
    expect(pod).toEqual({ ...born, status: deleted.status })
    expect(podsToRun([born, deleted]).get('u1'), 'the same object').toBe(pod)
    const failed = mirror({}, { phase: 'Failed', reason: 'NodeLost' })
    expect(podsToRun([born, failed]).get('u1')?.status).toBeUndefined()
  })

  it('are none for a mirror that somebody else made', () => {
    expect([...createPodsToRun('node-1')([mirror()])]).toEqual([])
  })
})
