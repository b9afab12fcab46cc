import { describe, expect, it } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { RegistryAuth } from '../../cri/cri.ts'
import { CriError } from '../../cri/cri-error.ts'
import type { StepContext } from '../parts.ts'
import { hashOf } from '../wanted/pod-facts.ts'
import { exited, samplePod, sandbox, seenPod } from '../testing/samples.ts'
import { ensureImage } from './ensure-image.ts'

const main = { name: 'main', image: 'registry.local/box:latest', imagePullPolicy: 'Always' }
const here = { id: 'sha256:aa', repoTags: ['registry.local/box:latest'], repoDigests: ['registry.local/box@sha256:bb'] }
const noNetwork =
  'failed to resolve reference: Head "https://registry.local/v2/box/manifests/latest": dial tcp: lookup registry.local: no such host'

type World = {
  readonly pull?: (auth: RegistryAuth | undefined) => void
  readonly present?: object | undefined
  readonly hasRun?: { readonly image?: string; readonly startedAt?: number }
  readonly toldImageId?: string
  readonly secrets?: Readonly<Record<string, object>>
}

function world({ pull = () => {}, present = here, hasRun, toldImageId, secrets = {} }: World) {
  const events: string[] = []
  const status =
    toldImageId === undefined ? undefined : { containerStatuses: [{ name: 'main', containerID: 'containerd://x', imageID: toldImageId }] }
  const pod = samplePod({ containers: [main], imagePullSecrets: Object.keys(secrets).map((name) => ({ name })) })
  const ran = hasRun && exited('main', 0, { hash: hashOf({ ...main, ...hasRun } as unknown as Container), ...hasRun })
  const context = {
    cri: {
      imageStatus: async () => present,
      pullImage: async (_image: string, { auth }: { auth?: RegistryAuth }) => pull(auth),
    },
    emit: (_pod: unknown, type: string, reason: string) => events.push(`${type} ${reason}`),
    pulling: (work: () => unknown) => work(),
    signal: new AbortController().signal,
    clock: systemClock,
    objects: () => ({ secret: (name: string) => secrets[name] }),
    pod: { ...pod, status },
    seen: seenPod([sandbox()], ran ? [ran] : []),
  } as unknown as StepContext // what the step uses
  return { events, ensure: () => ensureImage(pod, pod.spec.containers[0] as Container, context) }
}
const refuse = (message: string) => () => {
  throw new CriError('UNKNOWN', 'PullImage', message)
}

describe('an image with pull policy Always, whose registry cannot be reached', () => {
  it('is the one that is here for a pod that ran it on this node before, with an event', async () => {
    const { ensure, events } = world({ pull: refuse(noNetwork), hasRun: {} })
    expect(await ensure()).toBe('sha256:aa')
    expect(events).toEqual(['Normal Pulling', 'Warning RegistryUnreachable'])
  })

  it('also when the runtime has forgotten that it ran, and the status has not', async () => {
    expect(await world({ pull: refuse(noNetwork), toldImageId: 'registry.local/box@sha256:bb' }).ensure()).toBe('sha256:aa')
    await expect(world({ pull: refuse(noNetwork), toldImageId: 'registry.local/box@sha256:cc' }).ensure()).rejects.toThrow('no such host')
  })

  it.each<[string, World]>([
    ['a pod that never ran here', {}],
    ['a pod that ran another image here', { hasRun: { image: 'registry.local/other:1' } }],
    ['a pod whose container was made and never started', { hasRun: { startedAt: 0 } }],
    ['an image that is not here', { hasRun: {}, present: undefined }],
  ])('is not there for %s', async (_what, more) => {
    const { ensure } = world({ pull: refuse(noNetwork), ...more, ...('present' in more && { present: null as never }) })
    await expect(ensure()).rejects.toMatchObject({ reason: 'ErrImagePull' })
  })

  it.each([
    'unexpected status from HEAD request to https://registry.local/v2/box/manifests/latest: 401 Unauthorized',
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    'rpc error: registry.local/box:latest: not found',
    'x509: certificate signed by unknown authority',
    'x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is after 2025-01-01T00:00:00Z',
  ])('an answer is not "cannot be reached": %s', async (message) => {
    await expect(world({ pull: refuse(message), hasRun: {} }).ensure()).rejects.toMatchObject({ reason: 'ErrImagePull' })
  })

  it.each([
    'dial tcp 10.0.0.1:443: connect: connection refused',
    'dial tcp 10.0.0.1:443: i/o timeout',
    'dial tcp 10.0.0.1:443: connect: network is unreachable',
    'lookup registry.local on 10.0.0.1:53: server misbehaving',
    'net/http: TLS handshake timeout',
    'unexpected status from HEAD request to https://registry.local/v2/box/manifests/latest: 503 Service Unavailable',
    'x509: certificate has expired or is not yet valid: current time 1970-01-01T00:00:09Z is before 2025-01-01T00:00:00Z',
  ])('is one of the ways not to arrive: %s', async (message) => {
    expect(await world({ pull: refuse(message), hasRun: {} }).ensure()).toBe('sha256:aa')
  })
})

describe('pull secrets', () => {
  const secret = (password: string) => ({
    data: {
      '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { 'registry.local': { username: 'u', password } } })).toString('base64'),
    },
  })

  it('two that fit one registry are tried in turn, so that the first being wrong harms nobody', async () => {
    const tried: (string | undefined)[] = []
    const pull = (auth: RegistryAuth | undefined) => {
      tried.push(auth?.password)
      if (auth?.password !== 'right') refuse('401 Unauthorized')()
    }
    expect(await world({ pull, secrets: { a: secret('wrong'), b: secret('right') } }).ensure()).toBe('sha256:aa')
    expect(tried).toEqual(['wrong', 'right'])
  })

  it('when none is right, what each was answered is told, and nobody asks without one', async () => {
    const tried: (string | undefined)[] = []
    const pull = (auth: RegistryAuth | undefined) => {
      tried.push(auth?.password)
      refuse(`no to ${auth?.password}`)()
    }
    await expect(world({ pull, secrets: { a: secret('x'), b: secret('y') } }).ensure()).rejects.toThrow('[no to x, no to y]')
    expect(tried).toEqual(['x', 'y'])
  })

  it('one that is missing is told of, and the others are tried', async () => {
    const tried: (string | undefined)[] = []
    const secrets = { a: undefined as never, b: secret('right') }
    const { ensure, events } = world({ pull: (auth) => void tried.push(auth?.password), secrets })
    await ensure()
    expect(tried).toEqual(['right'])
    expect(events).toContain('Warning FailedToRetrieveImagePullSecret')
  })

  it('without any the pull is anonymous', async () => {
    const tried: unknown[] = []
    await world({ pull: (auth) => void tried.push(auth) }).ensure()
    expect(tried).toEqual([undefined])
  })
})
