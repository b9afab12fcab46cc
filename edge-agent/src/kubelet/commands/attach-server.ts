import type { ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Cri } from '../../cri/cri.ts'
import { streamsOf } from './exec-server.ts'
import type { RunningContainer } from './running-container.ts'
import { serveCommand } from './serve-command.ts'

/** Joins in what the main process of a container says and hears. */
export const createAttachServer = (cri: Cri, running: RunningContainer): ServeNodeStream<'attach'> =>
  async function serveAttach(request, stream) {
    const { signal } = stream
    const { id } = await running(request, signal)
    const url = await cri.attach(id, streamsOf(request), { signal })
    return serveCommand({ url, streams: request, stream })
  }
