import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { createKeyAndCsr } from './csr.ts'

/** The key of a node that joins, and the request to have it certified. */
export type JoinRequest = { readonly keyPem: string; readonly csrPem: string }

const schema = z.object({ node: z.string(), keyPem: z.string(), csrPem: z.string() })

/**
 * What this node asks to join with, the same until it has its certificate. The hub writes the key on the Node before it answers: a board
 * that lost power then would come back with another key, to a name that is taken and a token that is used up.
 */
export function keptJoinRequest(folder: string, node: string): JoinRequest {
  const kept = readKept(folder)
  if (kept?.node === node) return kept
  const request = { node, ...createKeyAndCsr(node) }
  keepForJoining(fileIn(folder), () => writeFileAtomic(fileIn(folder), `${JSON.stringify(request)}\n`, 0o600))
  return request
}

/** Writes what a node joins with, or says how to go on: nothing is asked for that could not be kept, so the token stays good. */
export function keepForJoining(file: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw new ConfigError(
      `${file} cannot be written (${messageOf(cause)}), and a node cannot join without keeping its key: make room on that disk, or mount it writable, and start the agent again with the same token`,
      { cause },
    )
  }
}

export const forgetJoinRequest = (folder: string): void => rmSync(fileIn(folder), { force: true })

function readKept(folder: string): z.infer<typeof schema> | undefined {
  if (!existsSync(fileIn(folder))) return undefined
  try {
    return schema.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')))
  } catch {
    return undefined // damaged: a new one is asked with
  }
}

const fileIn = (folder: string) => join(folder, 'joining.json')
