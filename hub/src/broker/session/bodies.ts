import type { Account } from '@bramble/shared/api/api-request.ts'

/** Memory for bodies, by account; `take` answers false when it may have no more of it now. */
export type Bodies = { take(account: Account, bytes: number): boolean; giveBack(account: Account, bytes: number): void }

/** For a gateway without another door: the frames themselves are bounded. */
export const unlimitedBodies: Bodies = { take: () => true, giveBack: () => {} }
