import * as z from 'zod/mini'
import { defineTopic, hubOnly, ownNode } from '@bramble/shared/mqtt/topic.ts'

export const blink = defineTopic({
  pattern: 'bramble/{fleet}/node/{node}/blink',
  description: 'Which board it is that one is looking for.',
  mayPublish: hubOnly,
  maySubscribe: ownNode,
  qos: 1,
  retained: false,
  payload: z.enum(['on', 'off']),
})
