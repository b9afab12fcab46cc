import type { Socket } from 'node:net'
import { messageOf } from '@bramble/shared/process/service.ts'
import { connectLocalhost } from './localhost.ts'
import type { Answer, Ask } from './helper-words.ts'

// A process of its own, in the network of one pod: it connects there and hands what is connected to the agent that started it. It reads nothing of it, and ends
// with that agent.
const answer = (words: Answer, socket?: Socket) => {
  if (process.connected) process.send?.(words, socket, { keepOpen: false }, () => {}) // an agent that has gone needs none
}

process.on('message', ({ id, port }: Ask) => {
  connectLocalhost(port).then(
    (socket) => answer({ id }, socket),
    (error: unknown) => answer({ id, error: messageOf(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
