import type { StreamStatus } from '@bramble/shared/streams/stream-status.ts'

/** From the fourth version on the end of a command is told as a `Status`, before it as a text when there is something wrong. */
export const statusText = (protocol: string, status: StreamStatus): string =>
  /v[45]\./.test(protocol) ? JSON.stringify({ metadata: {}, ...status }) : status.status === 'Success' ? '' : (status.message ?? 'failed')
