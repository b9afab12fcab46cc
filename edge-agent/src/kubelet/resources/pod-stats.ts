import type { Cri } from '../../cri/cri.ts'
import { containerNameLabel, instanceLabel, podNameLabel, podNamespaceLabel, podUidLabel } from '../observed/labels.ts'

export type PodStats = {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: readonly {
    readonly id: string
    readonly name: string
    readonly cpuNanoSeconds: number
    readonly memoryBytes: number
    readonly diskBytes: number
  }[]
}

/** What the containers use now: CPU time since their start, working set, writable layer. */
export const createPodStats = (cri: Cri, instance: string) => async (): Promise<readonly PodStats[]> => {
  const pods = new Map<string, { namespace: string; name: string; uid: string; containers: PodStats['containers'][number][] }>()
  for (const { attributes, cpu, memory, writableLayer } of await cri.listContainerStats()) {
    const labels = attributes?.labels ?? {}
    const uid = labels[podUidLabel]
    if (uid === undefined || labels[instanceLabel] !== instance) continue
    const pod = pods.get(uid) ?? { namespace: labels[podNamespaceLabel] ?? '', name: labels[podNameLabel] ?? '', uid, containers: [] }
    pods.set(uid, pod)
    pod.containers.push({
      id: attributes?.id ?? '',
      name: labels[containerNameLabel] ?? '',
      cpuNanoSeconds: Number(cpu?.usageCoreNanoSeconds?.value ?? 0),
      memoryBytes: Number(memory?.workingSetBytes?.value ?? 0),
      diskBytes: Number(writableLayer?.usedBytes?.value ?? 0),
    })
  }
  return [...pods.values()]
}
