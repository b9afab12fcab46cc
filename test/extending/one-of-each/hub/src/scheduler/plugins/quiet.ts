import { defineSchedulerPlugin } from '@bramble/hub/scheduler/framework.ts'

/** No pod comes on a board that is loud. */
export const quiet = defineSchedulerPlugin({
  name: 'Quiet',
  order: 50,
  unblockedBy: ['node-added', 'node-labels'],
  filter:
    () =>
    ({ node }) =>
      node.metadata.labels?.['example.com/loud'] === undefined ? undefined : [{ reason: 'node(s) were loud' }],
})
