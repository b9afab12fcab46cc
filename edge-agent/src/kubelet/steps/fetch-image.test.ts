import { describe, expect, it } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { CriError } from '../../cri/cri-error.ts'
import type { StepContext } from '../parts.ts'
import { memory, now, samplePod } from '../testing/samples.ts'
import { createBeside } from './beside.ts'
import { fetchImage } from './fetch-image.ts'

const refused = (): Promise<void> => Promise.reject(new CriError('UNKNOWN', 'PullImage', 'no such image'))

/** A registry that answers when it is told to. */
function world({
  securityContext = {},
  before = memory(),
}: { readonly securityContext?: object; readonly before?: ReturnType<typeof memory> } = {}) {
  let resolve: (outcome?: Promise<void>) => void = () => {}
  const answered = new Promise<void>((settle) => (resolve = settle))
  const interrupted = new AbortController()
  const events: string[] = []
  let remembered = before
  let looks = 0
  const beside = createBeside(() => void (looks += 1))
  let isHere = false
  const context = {
    ...{ beside, signal: interrupted.signal, memory: () => remembered },
    cri: {
      imageStatus: async () => (isHere ? { id: 'sha256:aa' } : undefined),
      async pullImage() {
        await answered
        isHere = true
      },
    },
    emit: (_pod: unknown, _type: string, reason: string, message: string, container: string) =>
      events.push(`${container} ${reason}: ${message}`),
    pulling: (work: () => unknown) => work(),
    clock: { ...systemClock, monotonic: () => now },
    objects: () => ({ secret: () => undefined }),
    pod: samplePod({ ephemeralContainers: [{ name: 'debug', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', securityContext }] }),
    remember: (change: object) => (remembered = { ...remembered, ...change }),
  } as unknown as StepContext // what the step uses
  return {
    ...{ answer: { resolve }, interrupted, events, beside },
    fetch: () => fetchImage({ kind: 'fetchImage', name: 'debug' }, context),
    fetched: () => remembered.fetches.get('debug'),
    failed: () => remembered.failures.get('debug'),
    looks: () => looks,
  }
}
const earlier = (reason: string) =>
  memory({ failures: new Map([['debug', { reason, message: 'no', image: 'busybox:1', failedAt: now, retryAt: now, delayMs: 10_000 }]]) })

describe('the image of a container with which somebody looks into a pod', () => {
  it('is fetched while the pod goes on, which is looked at anew when it is here', async () => {
    const { fetch, fetched, looks, answer, beside, events } = world()
    expect(await fetch()).toBe('done')
    expect([fetched(), looks()]).toEqual([{ tag: 'underWay' }, 0])
    answer.resolve()
    await beside.ended()
    expect([fetched(), looks()]).toEqual([{ tag: 'here', imageId: 'sha256:aa' }, 1])
    expect(events[0]).toBe('debug Pulling: Pulling image "busybox:1"')
  })

  it('is told of and tried again later when there is none, each time after twice as long', async () => {
    const { fetch, fetched, failed, looks, answer, beside, events } = world({ before: earlier('ErrImagePull') })
    answer.resolve(refused())
    await fetch()
    await beside.ended()
    expect([fetched(), looks()]).toEqual([undefined, 1])
    expect(failed()).toMatchObject({ reason: 'ErrImagePull', message: 'no such image', delayMs: 20_000 })
    expect(events.at(-1)).toBe('debug Failed: Error: ErrImagePull')
  })

  it('takes back what was said of the image when it is here, and nothing else', async () => {
    for (const [reason, left] of [
      ['ErrImagePull', undefined],
      ['CreateContainerConfigError', 'CreateContainerConfigError'],
    ] as const) {
      const { fetch, failed, answer, beside } = world({ before: earlier(reason) })
      answer.resolve()
      await fetch()
      await beside.ended()
      expect(failed()?.reason).toBe(left)
    }
  })

  it('is of no interest any more when the pod is to end', async () => {
    const { fetch, fetched, failed, answer, interrupted, beside, events } = world()
    await fetch()
    interrupted.abort(new Error('the pod is to end'))
    answer.resolve(refused())
    await beside.ended()
    expect([fetched(), failed()]).toEqual([undefined, undefined])
    expect(events.filter((event) => event.includes('Error: '))).toEqual([])
  })

  it('is not fetched for one that asks for what no node does', async () => {
    const { fetch, failed, beside, events } = world({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } })
    await fetch()
    await beside.ended()
    const field = 'spec.ephemeralContainers[0].securityContext.seccompProfile.localhostProfile'
    expect(failed()).toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining(`${field}: Forbidden: is not served`),
    })
    expect(events).toEqual([expect.stringContaining(`debug Failed: Error: ${field}`)])
  })
})
