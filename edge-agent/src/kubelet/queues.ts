import { createLimiter, type Limiter } from './limiter.ts'

// One pull and a small one beside it: a card and a link are no faster for more.
const pullsAtATime = 2
// A registry may drip for hours, and an image of 100 MB takes a slow link longer than this: either goes on beside the next.
const pullPatienceMs = 60_000
// After a boot all pods start at once; more than this only makes each of them slower.
const startsAtATime = 4
// A slow card takes seconds. An image whose /etc/passwd is a FIFO holds the runtime until its deadline, four minutes.
const startPatienceMs = 20_000

/** Where the pods of a node wait for each other. No pod chooses how long: who takes a place for longer than is usual goes on without one. */
export const createQueues = (): { readonly pulling: Limiter; readonly starting: Limiter } => ({
  pulling: createLimiter(pullsAtATime, { patienceMs: pullPatienceMs }),
  starting: createLimiter(startsAtATime, { patienceMs: startPatienceMs }),
})
