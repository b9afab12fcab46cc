import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { podStatus as schema } from '@bramble/shared/types/pod-status.ts'
import { typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { podStatus } from '../../../edge-agent/src/kubelet/status/pod-status.ts'
import {
  container,
  exited,
  isUp,
  memory,
  now,
  samplePod,
  sandbox,
  seenContainer,
  seenPod,
} from '../../../edge-agent/src/kubelet/testing/samples.ts'
import { pathText, placesOf } from '../../conformance/api/places.ts'
import { untold } from './said-by-hand.ts'

export type StatusField = { readonly path: string; readonly isTold: boolean; readonly why?: string }

/** Every field of a pod's status, and whether this node tells it, by what it tells of pods in many states. */
export function statusFields(): readonly StatusField[] {
  const told = new Set<string>()
  for (const status of statuses()) collect(status, '', told)
  return placesOf(typeNodeOf(schema))
    .filter(({ path }, _, all) => !all.some((other) => other.path.length > path.length && path.every((part, i) => other.path[i] === part)))
    .map(({ path }) => {
      const text = pathText(path)
      if (told.has(text)) return { path: text, isTold: true }
      const inContainer = text.replace(/^\w+ontainerStatuses\[\]\./, '')
      const names = [text, inContainer, inContainer.replace(/^lastState\./, 'state.')]
      const why = untold.find(({ field }) => names.some((name) => isWithin(name, field)))
      return { path: text, isTold: false, ...(why && { why: why.why }) }
    })
}

const isWithin = (name: string, field: string): boolean =>
  name === field || (name.startsWith(field) && /^[.[]/.test(name.slice(field.length)))

function* statuses(): Generator<PodStatus> {
  const names = ['main', 'side', 'debug']
  const pod = samplePod(
    {
      initContainers: [container('side', { restartPolicy: 'Always' })],
      ephemeralContainers: [container('debug')],
      readinessGates: [{ conditionType: 'x.io/ready' }],
      activeDeadlineSeconds: 5,
    },
    { generation: 2 },
    { startTime: '2026-06-01T11:59:50Z' },
  )
  const ups = names.map((name) => seenContainer(name, { restartCount: 1 }))
  const ends = names.map((name) => exited(name, 1, { message: 'why', reason: 'Error' }))
  const failure = { reason: 'ErrImagePull', message: 'no', image: 'busybox:1', failedAt: now, retryAt: now + 1, delayMs: 1 }
  const failures = new Map(names.map((name) => [name, failure]))
  const probes = new Map(ups.map(({ id }) => [id, isUp]))
  const told = { previous: undefined, hostIP: '192.0.2.1', runtime: 'containerd', now, wallNow: now }
  yield podStatus({ pod, seen: seenPod([]), memory: memory({ failures }), ...told })
  yield podStatus({ pod, seen: seenPod([sandbox()], [...ups, ...ends]), memory: memory({ probes }), ...told })
  yield podStatus({ pod, seen: seenPod([sandbox()], ends), memory: memory({ failures }), ...told })
  yield podStatus({ pod, seen: seenPod([sandbox()], [...ends, ...ends]), memory: memory(), ...told, activeMs: 6000 })
}

function collect(value: unknown, at: string, told: Set<string>): void {
  if (Array.isArray(value)) return value.forEach((item) => collect(item, `${at}[]`, told))
  if (typeof value !== 'object' || value === null) return void told.add(at)
  for (const [key, part] of Object.entries(value)) if (part !== undefined) collect(part, at === '' ? key : `${at}.${key}`, told)
}
