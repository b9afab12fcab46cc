import type { EventEmitter } from 'node:events'

/** For tests: resolves when a connection is closed, which the other side may do by resetting it. `once` of Node rejects then. */
export const closing = (connection: EventEmitter): Promise<void> => new Promise((resolve) => void connection.once('close', () => resolve()))
