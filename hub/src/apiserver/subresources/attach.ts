import type { Call } from '../call.ts'
import { connectCommand } from '../pods/connect-command.ts'
import { defineSubresource } from '../routes/subresource.ts'
import { connections } from '../verbs/connect.ts'

const connection = connections['pods/attach']

/** Joins the caller with the main process of a container (Kubernetes' `connect` to `pods/attach`). */
const connect = (call: Call) => connectCommand(call, connection, (_options, target) => ({ kind: 'attach', ...target }))

export const attach = defineSubresource({
  name: 'attach',
  isLong: true,
  speaks: connection.type,
  connects: true,
  text: {
    description: 'Joins in what the main process of a container says and hears.',
    query: [
      { name: 'container', type: 'string', description: 'Which container, where the pod has several.' },
      { name: 'stdin', type: 'boolean', description: 'Give the process what the caller sends.' },
      { name: 'stdout', type: 'boolean', description: 'Send what the process prints.' },
      { name: 'stderr', type: 'boolean', description: 'Send what the process prints as errors.' },
      { name: 'tty', type: 'boolean', description: 'The container has a terminal, which has one output.' },
    ],
  },
  verbs: { get: connect, create: connect },
})
