import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { SeenPod } from '../observed/seen.ts'
import { container, exited, memory, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import type { PodMemory } from './memory.ts'
import { plan } from './plan.ts'

const debug = container('debug')
const aimed = container('debug', { targetContainerName: 'main' })
const podWith = (ephemeral: object, spec: object = {}, status?: object) =>
  samplePod({ ephemeralContainers: [ephemeral], ...spec }, {}, status as Pod['status'])
const told = (more: object) => ({
  ephemeralContainerStatuses: [{ name: 'debug', image: 'busybox:1', imageID: '', ready: false, restartCount: 0, ...more }],
})
const failure = { reason: 'ErrImagePull', message: 'no', image: 'busybox:1', failedAt: now - 1000, retryAt: now + 9000, delayMs: 10_000 }
const up = seenPod([sandbox()], [seenContainer('main')])
const fetched = memory({ fetches: new Map([['debug', { tag: 'here', imageId: 'sha256:1' }]]) })
const looking = (seen: SeenPod, pod: Pod = podWith(debug), remembered: PodMemory = memory()) => {
  const { steps, wakeAt } = plan({ wanted: pod, seen, memory: remembered, now })
  return { steps: steps.map((step) => ('name' in step ? `${step.kind} ${step.name}` : step.kind)), wakeAt }
}

describe('a container with which somebody looks into a pod', () => {
  it('starts in the sandbox that is there once its image is here, and not again once it was seen', () => {
    expect(looking(up).steps).toEqual(['fetchImage debug'])
    expect(looking(up, podWith(debug), memory({ fetches: new Map([['debug', { tag: 'underWay' }]]) })).steps).toEqual([])
    const { steps } = plan({ wanted: podWith(debug), seen: up, memory: fetched, now })
    expect(steps).toEqual([{ kind: 'startContainer', name: 'debug', sandboxId: 's0', restartCount: 0, imageId: 'sha256:1' }])
    for (const seen of [seenContainer('debug'), exited('debug', 1), exited('debug', 0, { sandboxId: 'older' })])
      expect(looking(seenPod([sandbox()], [seenContainer('main'), seen])).steps).toEqual([])
  })

  it('is not started a second time where the runtime has forgotten it and the API has not', () => {
    expect(looking(up, podWith(debug, {}, told({ containerID: 'containerd://x' }))).steps).toEqual([])
    expect(looking(up, podWith(debug, {}, told({ state: { waiting: { reason: 'ErrImagePull' } } }))).steps).toEqual(['fetchImage debug'])
  })

  it('is made anew when it was made and never started', () => {
    const made = seenPod([sandbox()], [seenContainer('main'), seenContainer('debug', { state: 'created' })])
    expect(looking(made).steps).toEqual(['removeContainer debug'])
  })

  it('needs neither init containers that are through nor containers that run, and holds up neither', () => {
    const pod = podWith(debug, { initContainers: [container('prepare')] })
    expect(looking(seenPod([sandbox()], [seenContainer('prepare')]), pod, fetched).steps).toEqual(['startContainer debug'])
    expect(looking(seenPod([sandbox()])).steps).toEqual(['fetchImage debug', 'startContainer main'])
  })

  it('waits as long as any that could not be started', () => {
    for (const remembered of [memory(), fetched]) {
      const { steps, wakeAt } = looking(up, podWith(debug), { ...remembered, failures: new Map([['debug', failure]]) })
      expect([steps, wakeAt]).toEqual([[], now + 9000])
    }
  })

  it('waits for the container whose processes it is to see', () => {
    const pod = podWith(aimed, { containers: [container('main'), container('other')], restartPolicy: 'Never' })
    const other = seenContainer('other')
    const without = seenPod([sandbox()], [exited('main', 0), other])
    expect(looking(without, pod).steps).toEqual(['fetchImage debug'])
    expect(looking(without, pod, fetched).steps).toEqual([])
    expect(looking(seenPod([sandbox()], [seenContainer('main'), other]), pod, fetched).steps).toEqual(['startContainer debug'])
  })

  it('starts in no pod that has ended, is ending, or has no sandbox', () => {
    const done = podWith(debug, { restartPolicy: 'Never' })
    expect(looking(seenPod([sandbox()], [exited('main', 0)]), done).steps).toEqual(['stopSandbox', 'unmountVolumes'])
    expect(looking(seenPod([]), podWith(debug, {}, { phase: 'Succeeded' }), memory({ volumes: { tag: 'none' } })).steps).toEqual([])
    expect(looking(seenPod([])).steps).toEqual(['makeSandbox'])
  })

  it('ends with the containers of its pod, and stays among the dead ones that are told of', () => {
    const deleted = { ...podWith(debug), metadata: { ...podWith(debug).metadata, deletionTimestamp: '2026-06-01T12:00:00Z' } }
    expect(looking(seenPod([sandbox()], [seenContainer('main'), seenContainer('debug')]), deleted).steps).toEqual([
      'stopContainer main',
      'stopContainer debug',
    ])
    const done = podWith(debug, { restartPolicy: 'Never' })
    expect(looking(seenPod([sandbox()], [exited('main', 0), seenContainer('debug')]), done).steps).toEqual(['stopContainer debug'])
    expect(looking(seenPod([sandbox()], [seenContainer('main'), exited('debug', 0)])).steps).toEqual([])
  })
})
