import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestCluster } from './cluster.ts'

/** What a container of a pod has used, read from the kernel's own files by whoever does not believe the agent: cgroup v1 or v2. */
export async function controlGroupOf(cluster: TestCluster, pod: string, container: string) {
  const { metadata, status } = await cluster.json<PodOf>('get', 'pod', pod)
  const id = status.containerStatuses.find(({ name }) => name === container)?.containerID.split('://')[1] ?? ''
  const read = (controller: string, file: string): string | undefined => {
    for (const root of [join('/sys/fs/cgroup', controller), '/sys/fs/cgroup'])
      for (const instance of instancesIn(root))
        for (const quality of ['besteffort', 'burstable', '.']) {
          const path = join(root, instance, 'kubepods', quality, `pod${metadata.uid}`, id, file)
          if (existsSync(path)) return readFileSync(path, 'utf8')
        }
    return undefined
  }
  const found = (text: string | undefined): string => {
    if (text === undefined) throw new Error(`no control group of container ${id}`)
    return text
  }
  return {
    cpuSeconds(): number {
      const nanos = read('cpuacct', 'cpuacct.usage')
      return nanos === undefined ? Number(/^usage_usec (\d+)/m.exec(found(read('', 'cpu.stat')))?.[1]) / 1e6 : Number(nanos) / 1e9
    },
    /** What it has, without the files that it has not looked at for a while. */
    workingSetBytes(): number {
      const used = Number(read('memory', 'memory.usage_in_bytes') ?? found(read('', 'memory.current')))
      return used - Number(/^(?:total_)?inactive_file (\d+)/m.exec(found(read('memory', 'memory.stat')))?.[1])
    },
  }
}

type PodOf = {
  readonly metadata: { readonly uid: string }
  readonly status: { readonly containerStatuses: readonly { readonly name: string; readonly containerID: string }[] }
}

const instancesIn = (root: string): readonly string[] =>
  existsSync(root) ? readdirSync(root).filter((name) => name.startsWith('bramble-')) : []
