import { type Allowance, createAllowance } from '../limits/allowance.ts'
import type { Clock } from '../clock.ts'

/** Kubernetes' spam filter: a burst of 25 per object, then one every five minutes. */
const spamFilter = { burst: 25, perSecond: 1 / 300, atMost: 4_096 }

/** Whether one more event about an object may be told: what its key takes. */
export const createEventRate = (clock: Clock): Allowance => createAllowance({ clock, ...spamFilter })
