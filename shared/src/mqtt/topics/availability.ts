import * as z from 'zod/mini'
import { anyOf, defineTopic, hubOnly, ownNode } from '../topic.ts'

export const availabilitySchema = z.enum(['online', 'offline'])

export const availability = defineTopic({
  pattern: 'bramble/{fleet}/node/{node}/availability',
  description: 'Whether a node is connected. `offline` is its last will.',
  mayPublish: anyOf(ownNode, hubOnly),
  // Dashboards get users of their own in a later issue.
  maySubscribe: hubOnly,
  qos: 1,
  retained: true,
  payload: availabilitySchema,
})
