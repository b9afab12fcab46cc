import { defineTopic, hubOnly, ownNode } from '../topic.ts'

export const controlDown = defineTopic({
  pattern: '$bramble/v1/n/{node}/d/{session}',
  description: 'Frames of the hub to a node, never more of them on their way than the node has given credit for.',
  mayPublish: hubOnly,
  maySubscribe: ownNode,
  qos: 0,
  retained: false,
  payload: 'frame',
})
