import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { readFile } from 'node:fs/promises'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { EnvEntry, MountEntry } from './container-config.ts'
import { etcHosts } from './etc-hosts.ts'
import { expand } from './expand.ts'
import { nodeFacts, type StepContext } from './parts.ts'
import { StartProblem } from './steps/ensure-image.ts'

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
  for (const { name, mountPath, readOnly = false, subPath, subPathExpr, mountPropagation = 'None' } of container.volumeMounts ?? []) {
    const root = paths.get(name)
    if (root === undefined)
      throw new StartProblem('CreateContainerConfigError', `volume mount ${name} of container ${container.name} has no volume`)
    const below = subPathExpr === undefined ? subPath : expand(subPathExpr, values)
    const hostPath = below === undefined || below === '' ? root : await insideOf(root, below)
    mounts.push({ containerPath: absolute(mountPath), hostPath, readonly: readOnly, propagation: propagations[mountPropagation] })
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
  await writeFile(lastWords, '', { mode: 0o666 })
  mounts.push({ containerPath: container.terminationMessagePath, hostPath: lastWords, readonly: false })
  return mounts
}

async function writeHosts(pod: Pod, context: StepContext): Promise<string> {
  const file = context.paths.etcHosts(pod.metadata.uid ?? '')
  const nodeHosts = pod.spec.hostNetwork ? await readFile('/etc/hosts', 'utf8').catch(() => '') : ''
  const { nodeName, clusterDomain } = context
  await mkdir(dirname(file), { recursive: true })
  // In place: a rename would leave running containers with the file they were started with.
  await writeFile(file, etcHosts({ pod, podIPs: nodeFacts(context).podIPs, nodeName, nodeHosts, clusterDomain }), { mode: 0o644 })
  return file
}

const absolute = (path: string) => (path.startsWith('/') ? path : `/${path}`)

/** The path below a volume; made as a folder when it is missing, refused when a link in it leads out of the volume. */
async function insideOf(root: string, below: string): Promise<string> {
  const refuse = (why: string) =>
    new StartProblem('CreateContainerConfigError', `failed to prepare subPath ${JSON.stringify(below)}: ${why}`)
  if (below.startsWith('/') || below.split('/').includes('..')) throw refuse("expected a relative path without '..'")
  const base = await realpath(root)
  let real = base
  for (const part of below.split('/').filter((each) => each !== '' && each !== '.')) {
    const next = join(real, part)
    const found = await realpath(next).catch(() => undefined)
    if (found === undefined) await mkdir(next, { mode: 0o750 })
    real = found ?? next
    if (real !== base && !real.startsWith(base + sep)) throw refuse('it leads out of the volume')
  }
  return real
}
