import type { User } from '@bramble/shared/api/api-request.ts'

/** Whose a token is and for whom it is good, or why it is nobody's. */
export type Verdict =
  | { readonly type: 'known'; readonly user: User; readonly audiences: readonly string[] }
  | { readonly type: 'refused'; readonly why: string }

/** What is signed stays so; whether it is still good, and for one of these audiences, is asked at each use. */
export type Credential = (audiences: readonly string[]) => Verdict

export type Read =
  /** `isKept`: to read it again would cost more than to remember it. */
  | { readonly type: 'credential'; readonly credential: Credential; readonly isKept: boolean }
  | { readonly type: 'refused'; readonly why: string }

/** Understands one kind of tokens. Undefined: it is of another kind. A promise only if something has to be fetched. */
export type TokenAuthenticator = { readonly name: string; read(token: string): Read | undefined | Promise<Read | undefined> }

export const refused = (why: string) => ({ type: 'refused', why }) as const
