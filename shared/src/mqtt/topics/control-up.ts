import { defineTopic, hubOnly, ownNode } from '../topic.ts'

export const controlUp = defineTopic({
  pattern: '$bramble/v1/n/{node}/u/{session}',
  description: 'Frames of a node to the hub. The session is drawn anew for each connection.',
  mayPublish: ownNode,
  maySubscribe: hubOnly,
  // TCP orders them and a lost connection ends the session, so an MQTT acknowledgement would say nothing new.
  qos: 0,
  retained: false,
  payload: 'frame',
})
