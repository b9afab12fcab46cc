import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Container, Cri } from '../../cri/cri.ts'
import { containerNameLabel, instanceLabel, podUidLabel } from '../observed/labels.ts'

export type RunningContainer = (asked: { readonly podUid: string; readonly container: string }, signal: AbortSignal) => Promise<Container>

/** The one of that name that runs now, as the runtime says; who asks hears why there is none. */
export const findRunning =
  ({ cri, instance }: { readonly cri: Cri; readonly instance: string }): RunningContainer =>
  async ({ podUid, container }, signal) => {
    const labels = { [instanceLabel]: instance, [podUidLabel]: podUid, [containerNameLabel]: container }
    const all = await cri.listContainers({ labels }, { signal })
    const running = all.find(({ state }) => state === 'CONTAINER_RUNNING')
    if (running !== undefined) return running
    throw new ApiError(
      'NotFound',
      all.length === 0 ? `container not found (${JSON.stringify(container)})` : `container ${container} is not running`,
    )
  }
