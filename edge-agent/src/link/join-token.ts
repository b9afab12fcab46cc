import { existsSync, readFileSync } from 'node:fs'
import { ConfigError } from '@bramble/shared/config.ts'

/** The ways a join token is given: as itself, or as the file that holds it. */
export type TokenSource = { readonly token?: string | undefined; readonly tokenFile?: string | undefined }

/** Whether there is a token to join with. A file that is gone after the first start is none, and no fault of a node that has joined. */
export const hasJoinToken = ({ token, tokenFile }: TokenSource): boolean =>
  token !== undefined || (tokenFile !== undefined && existsSync(tokenFile))

/** The join token, from wherever it was given. */
export function joinTokenOf({ token, tokenFile }: TokenSource): string {
  if (token !== undefined) return token
  if (tokenFile === undefined)
    throw new ConfigError('this node has not joined yet: give --token or --token-file (from `bramble token create` on the hub)')
  if (!existsSync(tokenFile)) throw new ConfigError(`--token-file: ${tokenFile} does not exist`)
  return readFileSync(tokenFile, 'utf8').trim()
}
