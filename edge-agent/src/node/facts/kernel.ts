import { defineFact } from '../fact.ts'

export const kernel = defineFact({
  name: 'kernel',
  read: ({ kernelRelease, hostname }) => ({ kernelVersion: kernelRelease, hostname: hostname.toLowerCase() }),
})
