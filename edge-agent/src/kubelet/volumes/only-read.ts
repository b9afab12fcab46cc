import type { Volume } from '@bramble/shared/types/volume.ts'

/**
 * Volumes whose content is the agent's to write: a container only reads them, whatever its mount says, as Kubernetes has it.
 * Otherwise root in a container could turn `..data` to a place of its choice.
 */
export const isOnlyRead = ({ configMap, secret, projected, downwardAPI }: Volume): boolean =>
  [configMap, secret, projected, downwardAPI].some((source) => source !== undefined)
