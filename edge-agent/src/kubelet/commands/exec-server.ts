import type { ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Cri } from '../../cri/cri.ts'
import type { RunningContainer } from './running-container.ts'
import { serveCommand } from './serve-command.ts'

/** Runs a command in a container that runs. */
export const createExecServer = (cri: Cri, running: RunningContainer): ServeNodeStream<'exec'> =>
  async function serveExec(request, stream) {
    const { signal } = stream
    const { id } = await running(request, signal)
    const url = await cri.exec(id, request.command, streamsOf(request), { signal })
    return serveCommand({ url, streams: request, stream })
  }

/** With a terminal there is one output; runtimes refuse to be asked for two. */
export const streamsOf = <S extends { readonly stderr: boolean; readonly tty: boolean }>(asked: S): S => ({
  ...asked,
  stderr: asked.stderr && !asked.tty,
})
