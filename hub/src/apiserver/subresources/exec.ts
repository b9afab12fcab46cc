import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { Call } from '../call.ts'
import { connectCommand } from '../pods/connect-command.ts'
import { defineSubresource } from '../routes/subresource.ts'
import { connections } from '../verbs/connect.ts'

const connection = connections['pods/exec']

/** Runs a command in a container, and joins the caller with it (Kubernetes' `connect` to `pods/exec`). */
const connect = (call: Call) =>
  connectCommand(call, connection, ({ command = [] }, target) => {
    if (command.length === 0) throw badRequest('you must specify at least 1 command')
    return { kind: 'exec', command, ...target }
  })

export const exec = defineSubresource({
  name: 'exec',
  isLong: true,
  speaks: connection.type,
  connects: true,
  text: {
    description: 'Runs a command in a container.',
    query: [
      { name: 'command', type: 'string', description: 'The command and its arguments, each once.' },
      { name: 'container', type: 'string', description: 'Which container, where the pod has several.' },
      { name: 'stdin', type: 'boolean', description: 'Give the command what the caller sends.' },
      { name: 'stdout', type: 'boolean', description: 'Send what the command prints.' },
      { name: 'stderr', type: 'boolean', description: 'Send what the command prints as errors.' },
      { name: 'tty', type: 'boolean', description: 'Give the command a terminal, which has one output.' },
    ],
  },
  verbs: { get: connect, create: connect },
})
