import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { inputsOf, outputsOf } from '@bramble/shared/streams/command-channels.ts'
import { type CommandStreams, channels, type NodeStreamRequest } from '@bramble/shared/streams/node-stream.ts'
import type { Duplex } from 'node:stream'
import type { Call } from '../call.ts'
import type { Connection } from '../verbs/connect.ts'
import { containerOf } from './container-of.ts'
import { nodeOf, podOf } from './pod-of.ts'
import { join } from '../upgrades/join.ts'
import { type Agreed, agreedOn, type Spoken } from '../upgrades/offer.ts'
import type { RemoteSide } from '../upgrades/remote-side.ts'
import { accept } from '../upgrades/websocket/accept.ts'
import { commandSocket } from '../upgrades/websocket/command-socket.ts'
import { commandStreams } from '../upgrades/spdy/command-streams.ts'
import { switchToSpdy } from '../upgrades/spdy/switch.ts'
import { openWithin } from './open-stream.ts'
import { mustBeAllowed, refusalToJoin, whileAllowed } from './while-allowed.ts'

/** What Kubernetes' clients of the last years speak. The newest is the only one in which a caller can say over a WebSocket that its input has ended. */
const spoken: Spoken = {
  websocket: {
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io'],
    unnamed: 'channel.k8s.io',
  },
  spdy: {
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'],
    unnamed: 'channel.k8s.io',
  },
}

type Options = { readonly [S in keyof CommandStreams]?: boolean | undefined } & { readonly container?: string | undefined }
type Target = CommandStreams & { readonly podUid: string; readonly container: string }

/** Joins the caller with a command in a container, or with its main process: `ask` says what a node is asked for. */
export async function connectCommand<O extends Options>(
  call: Call,
  connection: Connection<O>,
  ask: (options: O, target: Target) => NodeStreamRequest,
): Promise<ApiResponse> {
  const { api, info, request } = call
  mustBeAllowed(call)
  const options = await connection.admit(call)
  const pod = podOf(api, info)
  const streams = streamsIn(options)
  const container = containerOf(pod, options.container ?? '', { byAnnotation: true })
  const wanted = ask(options, { podUid: pod.metadata.uid ?? '', container, ...streams })
  const node = nodeOf(pod)
  const agreed = agreedOn(request, spoken)
  return whileAllowed(call, refusalToJoin(call, pod), async (signal) => {
    const stream = await openWithin(call, { node, request: wanted, signal })
    return {
      type: 'upgrade',
      status: 101,
      async serve(connection) {
        try {
          await join(await remoteSide(call, connection, agreed, streams), stream, streams)
        } finally {
          stream.abort(new Error('the caller has gone'))
        }
      },
    }
  })
}

async function remoteSide({ request }: Call, connection: Duplex, agreed: Agreed, streams: CommandStreams): Promise<RemoteSide> {
  const { protocol } = agreed
  const [inputs, outputs] = [inputsOf(streams), outputsOf(streams)]
  if (agreed.over === 'websocket') {
    accept(request, connection, agreed)
    return commandSocket({ connection, protocol, inputs, outputs })
  }
  switchToSpdy(connection, agreed)
  // The first two versions know no size of a terminal.
  const wanted = [...inputs.filter((number) => number !== channels.resize || /^v[345]/.test(protocol)), ...outputs]
  return commandStreams({ connection, protocol, wanted })
}

function streamsIn({ stdin = false, stdout = false, stderr = false, tty = false }: Options): CommandStreams {
  if (!stdin && !stdout && !stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  return { stdin, stdout, stderr, tty }
}
