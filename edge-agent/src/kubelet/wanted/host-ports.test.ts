import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { takenHostPort } from './host-ports.ts'
import { makeSandbox } from '../steps/make-sandbox.ts'
import type { StepContext } from '../parts.ts'
import { emptyMemory, type PodMemory } from '../plan/memory.ts'
import { container, samplePod } from '../testing/samples.ts'

const withPort = (name: string, port: object, { at = 0, more = {}, status }: { at?: number; more?: object; status?: Pod['status'] } = {}) =>
  samplePod(
    { containers: [container('main', { ports: [{ containerPort: 80, ...port }] })], ...more },
    { name, uid: name, creationTimestamp: `2026-06-01T11:00:0${at}Z` },
    status,
  )
const started = { conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] } as Pod['status']

describe('of two pods that name one node and one of its ports', () => {
  it.each<[string, Pod, Pod, boolean]>([
    ['the younger waits', withPort('b', { hostPort: 80 }, { at: 1 }), withPort('a', { hostPort: 80 }), true],
    ['the older does not', withPort('a', { hostPort: 80 }), withPort('b', { hostPort: 80 }, { at: 1 }), false],
    ['of the same second one waits', withPort('b', { hostPort: 80 }), withPort('a', { hostPort: 80 }), true],
    ['the other does not', withPort('a', { hostPort: 80 }), withPort('b', { hostPort: 80 }), false],
    ['an older one waits for who runs', withPort('a', { hostPort: 80 }), withPort('b', { hostPort: 80 }, { at: 1, status: started }), true],
    [
      'of two that ran before a cold boot the older does not wait',
      withPort('a', { hostPort: 80 }, { status: started }),
      withPort('b', { hostPort: 80 }, { at: 1, status: started }),
      false,
    ],
    [
      'nobody waits for one that ended',
      withPort('b', { hostPort: 80 }, { at: 1 }),
      withPort('a', { hostPort: 80 }, { status: { phase: 'Succeeded' } as Pod['status'] }),
      false,
    ],
    ['TCP is not UDP', withPort('b', { hostPort: 80, protocol: 'UDP' }, { at: 1 }), withPort('a', { hostPort: 80 }), false],
    [
      'two addresses are two ports',
      withPort('b', { hostPort: 80, hostIP: '10.0.0.1' }, { at: 1 }),
      withPort('a', { hostPort: 80, hostIP: '10.0.0.2' }),
      false,
    ],
    [
      'every address is each of them',
      withPort('b', { hostPort: 80, hostIP: '10.0.0.1' }, { at: 1 }),
      withPort('a', { hostPort: 80, hostIP: '0.0.0.0' }),
      true,
    ],
    ['a port of the pod alone is nobody’s', withPort('b', {}, { at: 1 }), withPort('a', { hostPort: 80 }), false],
  ])('%s', (_what, pod, other, waits) => {
    expect(takenHostPort(pod, [pod, other])).toBe(
      waits
        ? `host port 80/${pod.spec.containers[0]?.ports?.[0]?.protocol} is taken by pod default/${other.metadata.name} of this node`
        : undefined,
    )
  })

  it('the one that waits says for whom, and nothing of it is made', async () => {
    let memory: PodMemory = emptyMemory()
    const events: string[] = []
    const [pod, other] = [withPort('b', { hostPort: 80 }, { at: 1 }), withPort('a', { hostPort: 80 })]
    const context = {
      pod,
      cri: {}, // not asked
      hostPortTaken: (one: Pod) => takenHostPort(one, [other, pod]),
      emit: (_pod: unknown, _type: string, reason: string, message: string) => events.push(`${reason}: ${message}`),
      memory: () => memory,
      remember: (change: Partial<PodMemory>) => (memory = { ...memory, ...change }),
      clock: { now: () => 0, monotonic: () => 0 },
      signal: new AbortController().signal,
    } as unknown as StepContext // what the step uses
    expect(await makeSandbox({ kind: 'makeSandbox', attempt: 0, replaces: [] }, context)).toBe('failed')
    expect(events).toEqual([
      'FailedCreatePodSandBox: Failed to create pod sandbox: host port 80/TCP is taken by pod default/a of this node',
    ])
  })
})
