import type { KubeObject } from '../../api/client.ts'
import type { Column } from '../../schema/kind.ts'
import { findCondition, isConditionTrue } from '../../meta/conditions.ts'
import { ageOf } from '../../meta/time.ts'
import type { ContainerStatus } from '../../types/container-status.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { PodStatus } from '../../types/pod-status.ts'
import { ageColumn, nameColumn, orNone } from './columns.ts'

type Pod = KubeObject & { readonly spec: PodSpec; readonly status?: PodStatus | undefined }

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'How many of its containers are ready, of how many.',
    cell: (pod) => {
      const { ready, total } = summarize(pod)
      return `${ready}/${total}`
    },
  },
  { name: 'Status', type: 'string', description: 'What the pod is at, in one word.', cell: (pod) => summarize(pod).status },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often its containers were started again, and when last.',
    cell: (pod, now) => {
      const { restarts, lastRestart } = summarize(pod)
      return restarts === 0 || lastRestart === undefined ? `${restarts}` : `${restarts} (${ageOf(lastRestart, now)} ago)`
    },
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    description: 'The address of the pod in the cluster.',
    priority: 1,
    cell: ({ status }) => orNone(status?.podIPs?.[0]?.ip ?? status?.podIP),
  },
  { name: 'Node', type: 'string', description: 'The node it is bound to.', priority: 1, cell: ({ spec }) => orNone(spec.nodeName) },
  {
    name: 'Nominated Node',
    type: 'string',
    description: 'The node on which room is being made for it.',
    priority: 1,
    cell: ({ status }) => orNone(status?.nominatedNodeName),
  },
  { name: 'Readiness Gates', type: 'string', description: 'How many of its readiness gates are open.', priority: 1, cell: gates },
]

type Summary = {
  readonly ready: number
  readonly total: number
  readonly status: string
  readonly restarts: number
  readonly lastRestart: string | undefined
}

/** The one word and the counts that `kubectl get pods` shows, by the rules of Kubernetes' printer. */
export function summarize(pod: Pod): Summary {
  const { spec, status = {}, metadata } = pod
  const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  const init = summarizeInit(pod, sidecars)
  const isGated = findCondition(status.conditions, 'PodScheduled')?.reason === 'SchedulingGated'
  const overall = status.reason || (isGated ? 'SchedulingGated' : (status.phase ?? 'Pending'))
  const isStarted = init.reason === undefined || isConditionTrue(status.conditions, 'Initialized')
  const main = summarizeMain(status.containerStatuses ?? [], init.reason ?? overall)
  const isReady = isConditionTrue(status.conditions, 'Ready')
  const reason = !isStarted
    ? (init.reason ?? overall)
    : main.reason === 'Completed' && main.running > 0
      ? isReady
        ? 'Running'
        : 'NotReady'
      : main.reason
  const counted = isStarted ? [...(status.containerStatuses ?? []), ...init.sidecarStatuses] : init.seen
  return {
    ready: init.ready + (isStarted ? main.running : 0),
    total: spec.containers.length + sidecars.size,
    status: metadata.deletionTimestamp === undefined ? reason : statusOfDeleted(pod, reason),
    restarts: counted.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastRestart: latest(counted.map(({ lastState }) => lastState?.terminated?.finishedAt)),
  }
}

function statusOfDeleted({ status }: Pod, reason: string): string {
  if (status?.reason === 'NodeLost') return 'Unknown'
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? reason : 'Terminating'
}

/** Init containers run one after the other: the first that is not done says what the pod is at. */
function summarizeInit({ spec, status }: Pod, sidecars: ReadonlySet<string>) {
  const statuses = status?.initContainerStatuses ?? []
  const seen: ContainerStatus[] = []
  let ready = 0
  let reason: string | undefined
  for (const [i, container] of statuses.entries()) {
    const { state, started, name } = container
    seen.push(container)
    if (state?.terminated?.exitCode === 0) continue
    if (sidecars.has(name) && started === true) {
      if (container.ready) ready++
      continue
    }
    if (state?.terminated !== undefined) reason = `Init:${state.terminated.reason || exitText(state.terminated)}`
    else if (state?.waiting?.reason && state.waiting.reason !== 'PodInitializing') reason = `Init:${state.waiting.reason}`
    else reason = `Init:${i}/${(spec.initContainers ?? []).length}`
    break
  }
  return { ready, reason, seen, sidecarStatuses: seen.filter(({ name }) => sidecars.has(name)) }
}

/** Of the main containers the first one with something to say wins, hence from the last to the first. */
function summarizeMain(statuses: readonly ContainerStatus[], otherwise: string) {
  let reason = otherwise
  let running = 0
  for (const { state, ready } of statuses.toReversed()) {
    if (state?.waiting?.reason) reason = state.waiting.reason
    else if (state?.terminated !== undefined) reason = state.terminated.reason || exitText(state.terminated)
    else if (ready && state?.running !== undefined) running++
  }
  return { reason, running }
}

const exitText = ({ signal = 0, exitCode }: { signal?: number; exitCode: number }) =>
  signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`

const latest = (times: readonly (string | null | undefined)[]): string | undefined =>
  times
    .filter((time) => typeof time === 'string')
    .toSorted()
    .at(-1)

function gates({ spec, status }: Pod): string {
  const wanted = spec.readinessGates ?? []
  if (wanted.length === 0) return '<none>'
  const open = wanted.filter(({ conditionType }) => isConditionTrue(status?.conditions, conditionType))
  return `${open.length}/${wanted.length}`
}
