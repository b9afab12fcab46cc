import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Volume } from '@bramble/shared/types/volume.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { unmountUnder } from '../../host/mounts.ts'
import { removeTree } from '../../host/remove-tree.ts'
import type { Objects } from '../env/env.ts'
import { createLimiter } from '../limiter.ts'
import type { NodeFacts } from '../env/field-ref.ts'
import type { PodPaths } from '../paths.ts'
import { volumePlugins } from './all-sources.ts'
import type { PodTokens } from '../tokens/pod-tokens.ts'
import { safePath } from './payload.ts'
import { readPayload } from './payload-writer.ts'
import { type TokenWanted, type VolumeContext, VolumeProblem } from './volume-plugin.ts'

export type PodVolumes = {
  /** Mounts what is missing and updates what changed; answers the host path of each volume. Throws a `VolumeProblem` for the first that cannot be. */
  mount(
    pod: Pod,
    context: { readonly objects: Objects; readonly node: NodeFacts; readonly signal: AbortSignal; readonly only?: 'live' },
  ): Promise<ReadonlyMap<string, string>>
  unmount(uid: string): Promise<void>
}

// What a volume is written from is in memory meanwhile, and may be megabytes.
const writesAtATime = 1
// Megabytes are written within a few seconds, also on a slow card. Nobody's volume waits longer for another's.
const writePatienceMs = 20_000

/** `tokens`: without them no volume has one. */
export function createPodVolumes(paths: PodPaths, tokens?: PodTokens): PodVolumes {
  const writing = createLimiter(writesAtATime, { patienceMs: writePatienceMs })

  const pluginOf = (volume: Volume) => {
    const source = Object.keys(volume).find((key) => key !== 'name' && volume[key as keyof Volume] !== undefined) ?? 'emptyDir'
    const plugin = volumePlugins.find((each) => each.source === source)
    if (!plugin) {
      const known = volumePlugins.map((each) => each.source).join(', ')
      throw new VolumeProblem(`volume source ${source} is not supported on this node: use one of ${known}`)
    }
    return plugin
  }

  async function fetchTokens(
    { pod, dir }: Pick<VolumeContext, 'pod' | 'dir'>,
    wanted: readonly TokenWanted[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const fetched = new Map<string, string>()
    for (const { path, audience, expirationSeconds } of wanted) {
      const kept = async () => (await readPayload(dir, safePath(path)))?.toString()
      const token = await tokens?.tokenFor(pod, { audience, expirationSeconds: Number(expirationSeconds) }, { kept, signal })
      if (token !== undefined) fetched.set(path, token)
    }
    return fetched
  }

  return {
    async mount(pod, { objects, node, signal, only }) {
      const uid = pod.metadata.uid ?? ''
      const mounted = new Map<string, string>()
      for (const volume of pod.spec.volumes ?? []) {
        try {
          const plugin = pluginOf(volume)
          if (only === 'live' && !plugin.isLive) continue
          const context = { pod, volume, dir: paths.volume(uid, volume.name), objects, node }
          const fetched = await fetchTokens(context, plugin.tokensOf?.(context) ?? [], signal)
          const mount = () => plugin.mount({ ...context, tokens: fetched })
          mounted.set(volume.name, await (plugin.isLive ? writing(mount, signal) : mount()))
        } catch (cause) {
          // A folder that is held has another number each time, and what is said should not.
          const why = messageOf(cause).replaceAll(/\/proc\/self\/fd\/\d+/g, paths.volume(uid, volume.name))
          throw new VolumeProblem(`MountVolume.SetUp failed for volume "${volume.name}" : ${why}`, { cause })
        }
      }
      return mounted
    },
    async unmount(uid) {
      tokens?.forget(uid)
      await unmountUnder([paths.volumes(uid)])
      await removeTree(paths.volumes(uid))
    },
  }
}
