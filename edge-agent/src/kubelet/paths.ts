import { join } from 'node:path'

/** Where the files of pods lie below the agent's folder. */
export type PodPaths = ReturnType<typeof podPaths>

export function podPaths(agentDir: string) {
  const pod = (uid: string) => join(agentDir, 'pods', uid)
  return {
    pods: join(agentDir, 'pods'),
    logs: join(agentDir, 'logs'),
    pod,
    volumes: (uid: string) => join(pod(uid), 'volumes'),
    volume: (uid: string, name: string) => join(pod(uid), 'volumes', name),
    resolvConf: (uid: string) => join(pod(uid), 'resolv.conf'),
    etcHosts: (uid: string) => join(pod(uid), 'etc-hosts'),
    terminationLog: (uid: string, container: string, restartCount: number) => join(pod(uid), 'containers', container, `${restartCount}`),
    /** Where the place below a volume that one mount of a container asks for is bound to. */
    subPath: (uid: string, container: string, index: number) => join(pod(uid), 'subpaths', container, `${index}`),
    containers: (uid: string) => join(pod(uid), 'containers'),
    podLogs: ({ namespace, name, uid }: { namespace: string; name: string; uid: string }) =>
      join(agentDir, 'logs', `${namespace}_${name}_${uid}`),
  }
}

/** Below the pod's log folder. */
export const logPath = (container: string, restartCount: number): string => join(container, `${restartCount}.log`)
