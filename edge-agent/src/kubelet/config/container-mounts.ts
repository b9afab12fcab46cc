import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { writeInPlace } from '../../host/held-folder.ts'
import type { EnvEntry, MountEntry } from './container-config.ts'
import { etcHosts } from './etc-hosts.ts'
import { expand, missingIn } from '../env/expand.ts'
import { nodeFacts, type StepContext } from '../parts.ts'
import { StartProblem } from '../steps/ensure-image.ts'
import { bindSubPath } from '../volumes/sub-path.ts'
import { isOnlyRead } from '../volumes/only-read.ts'

export type MountsInput = { readonly restartCount: number; readonly env: readonly EnvEntry[]; readonly context: StepContext }

const propagations = {
  None: 'PROPAGATION_PRIVATE',
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
} as const

/** The container's binds: its volumes, the pod's /etc/hosts and the file for the last words. Makes what must be there before. */
export async function containerMounts(
  pod: Pod,
  container: Container,
  { restartCount, env, context }: MountsInput,
): Promise<readonly MountEntry[]> {
  const volumes = context.memory().volumes
  const paths = volumes.tag === 'mounted' ? volumes.paths : new Map<string, string>()
  const values = new Map(env.map(({ name, value }) => [name, value]))
  const mounts: MountEntry[] = []
  const isOnlyReadByName = new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, isOnlyRead(volume)]))
  for (const [index, volumeMount] of (container.volumeMounts ?? []).entries()) {
    const { name, mountPath, readOnly = false, subPath, subPathExpr, mountPropagation = 'None' } = volumeMount
    const root = paths.get(name)
    if (root === undefined)
      throw new StartProblem('CreateContainerConfigError', `volume mount ${name} of container ${container.name} has no volume`)
    // With a variable missing it would be another folder: that of somebody else, or of all.
    const missing = missingIn(subPathExpr ?? '', values)
    if (missing.length > 0) {
      const why = `failed to expand subPathExpr of volumeMount ${JSON.stringify(name)}: missing value for ${missing.join(', ')}`
      throw new StartProblem('CreateContainerConfigError', why)
    }
    const below = subPathExpr === undefined ? subPath : expand(subPathExpr, values)
    const hostPath =
      below === undefined || below === ''
        ? root
        : await bindSubPath(root, below, context.paths.subPath(pod.metadata.uid ?? '', container.name, index)).catch((cause: unknown) => {
            const why = `failed to prepare subPath ${JSON.stringify(below)}: ${messageOf(cause)}`
            throw new StartProblem('CreateContainerConfigError', why, { cause })
          })
    const isReadonly = readOnly || isOnlyReadByName.get(name) === true
    mounts.push({ containerPath: absolute(mountPath), hostPath, readonly: isReadonly, propagation: propagations[mountPropagation] })
  }
  const isTaken = (path: string) => mounts.some(({ containerPath }) => containerPath === path)
  const uid = pod.metadata.uid ?? ''

  const keepsImageHosts = pod.spec.hostNetwork && !pod.spec.hostAliases?.length
  if (!isTaken('/etc/hosts') && !keepsImageHosts) {
    mounts.push({ containerPath: '/etc/hosts', hostPath: await writeHosts(pod, context), readonly: false })
  } else if (!isTaken('/etc/hosts')) {
    mounts.push({ containerPath: '/etc/hosts', hostPath: '/etc/hosts', readonly: true })
  }
  const lastWords = context.paths.terminationLog(uid, container.name, restartCount)
  await mkdir(dirname(lastWords), { recursive: true })
  await writeInPlace(lastWords, '', 0o666) // any user of the container may leave a message
  mounts.push({ containerPath: container.terminationMessagePath, hostPath: lastWords, readonly: false })
  return mounts
}

async function writeHosts(pod: Pod, context: StepContext): Promise<string> {
  const file = context.paths.etcHosts(pod.metadata.uid ?? '')
  const nodeHosts = pod.spec.hostNetwork ? await readFile('/etc/hosts', 'utf8').catch(() => '') : ''
  const { nodeName, clusterDomain } = context
  await mkdir(dirname(file), { recursive: true })
  // In place: a rename would leave running containers with the file they were started with.
  const text = etcHosts({ pod, podIPs: nodeFacts(context).podIPs, nodeName, nodeHosts, clusterDomain })
  await writeInPlace(file, text, 0o644)
  return file
}

const absolute = (path: string) => (path.startsWith('/') ? path : `/${path}`)
