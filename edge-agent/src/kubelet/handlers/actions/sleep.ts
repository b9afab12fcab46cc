import { sleep as sleepFor } from '@bramble/shared/async/sleep.ts'
import { handler } from '../handler.ts'

export const sleep = handler('sleep', async ({ seconds }, { signal }) => {
  await sleepFor(seconds * 1000, signal)
  return { outcome: 'success', message: '' }
})
