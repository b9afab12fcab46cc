import type { User } from '@bramble/shared/api/api-request.ts'

/** Memory for bodies, by identity; `take` answers false when this user may have no more of it now. */
export type Bodies = { take(user: User, bytes: number): boolean; giveBack(user: User, bytes: number): void }

/** For a gateway without another door: the frames themselves are bounded. */
export const unlimitedBodies: Bodies = { take: () => true, giveBack: () => {} }
