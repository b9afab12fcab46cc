import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { marked } from '@bramble/shared/discover.ts'
import type { Volume, VolumeSource } from '@bramble/shared/types/volume.ts'
import type { Objects } from '../env/env.ts'
import type { NodeFacts } from '../env/field-ref.ts'
import type { TokenAsked } from '../tokens/token-asked.ts'

export type VolumeContext = {
  readonly pod: Pod
  readonly volume: Volume
  /** The volume's own folder below the pod's; made by the plugin when it needs it. */
  readonly dir: string
  readonly objects: Objects
  readonly node: NodeFacts
  /** By what `prepare` found; empty for a plugin without. */
  readonly tokens: ReadonlyMap<string, string>
}

/** A token of the pod's account, for a file of the volume. */
export type TokenWanted = TokenAsked & { readonly path: string }

/** One kind of volume. A file of this folder that exports one is served; every other source is refused by name. */
export type VolumePlugin = {
  readonly isVolumePlugin: true
  readonly source: keyof VolumeSource
  /** Its content follows objects of the API: `mount` is called again when they change. */
  readonly isLive: boolean
  /** What has to be fetched for it, from afar: nobody else's volume waits meanwhile. */
  readonly tokensOf?: (context: Omit<VolumeContext, 'tokens'>) => readonly TokenWanted[]
  /** Makes the volume or brings it up to date, and answers the path to bind into containers. May be called again and again. */
  mount(context: VolumeContext): Promise<string>
}

export const isVolumePlugin = marked<VolumePlugin>('isVolumePlugin')

/** Why a volume is not there yet; the user reads it in a FailedMount event. */
export class VolumeProblem extends Error {
  override readonly name = 'VolumeProblem'
}
