import { discover } from '@bramble/shared/discover.ts'
import { isVolumePlugin } from './volume-plugin.ts'

/** Every source of volumes that this agent mounts. */
export const volumePlugins = discover(import.meta.glob('./sources/*.ts', { eager: true }), isVolumePlugin)
