import { handler } from '@bramble/edge-agent/kubelet/handlers/handler.ts'

// No schema has the field yet: that is the kind's part.
export const greet = handler('greet' as never, async ({ whom }: { readonly whom: string }) => ({
  outcome: 'success',
  message: `hello ${whom}`,
}))
