import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { isHubUrl, type AgentConfig } from '../config.ts'
import { createCredentialStore, type CredentialStore, DamagedCredentials, putCredentialsAside } from '../link/identity/credentials.ts'
import { enroll } from '../link/identity/enroll.ts'
import { createHubTime, type HubTime } from '../link/hub-time.ts'
import { keptJoinRequest } from '../link/identity/join-request.ts'
import type { LinkDeps } from '../link/link.ts'

/** Which hub this node belongs to, and what it proves that with. */
export type Membership = {
  readonly hubUrl: string
  readonly credentials: CredentialStore
  readonly hubTime: HubTime
  /** Tells this hub from another: by its certificate authority, which a restored one keeps. */
  readonly hub: () => string
  /** Joins anew; absent where there is no token for it, or the one there was has just been used. */
  readonly rejoin?: LinkDeps['rejoin']
}

/** Joins with the token that was given, unless an earlier life has. */
export async function joinHub(config: AgentConfig, log: Log, signal: AbortSignal): Promise<Membership> {
  const { node } = config
  const hubUrl = rememberHub(config, log)
  const credentials = credentialStore(config, log)
  const hubTime = createHubTime({ file: join(pkiOf(config), 'hub-time'), clock, log })
  const hub = () =>
    createHash('sha256')
      .update(credentials.current()?.ca ?? '')
      .digest('hex')
  const enrolled = (within: AbortSignal) => {
    const token = tokenOf(config)
    if (token === undefined)
      throw new ConfigError('this node has not joined yet: give --token or --token-file (from `bramble token create` on the hub)')
    return enroll({ hubUrl, token, node, clock, log, hubTime, request: keptJoinRequest(pkiOf(config), node) }, within)
  }
  if (credentials.current() === undefined) {
    credentials.replace(await enrolled(signal))
    log.info({ node, hub: hubUrl }, 'joined')
    return { hubUrl, hub, credentials, hubTime }
  }
  const hasToken = (config.token ?? config.tokenFile) !== undefined
  return { hubUrl, hub, credentials, hubTime, ...(hasToken && { rejoin: async (within: AbortSignal) => enrolled(within) }) }
}

/** The join token, from wherever it was given. */
function tokenOf({ token, tokenFile }: AgentConfig): string | undefined {
  if (token !== undefined || tokenFile === undefined) return token
  if (!existsSync(tokenFile)) throw new ConfigError(`--token-file: ${tokenFile} does not exist`)
  return readFileSync(tokenFile, 'utf8').trim()
}

/** The hub we were told, or the one of an earlier start. */
function rememberHub({ hub, dir }: AgentConfig, log: Log): string {
  const file = join(dir, 'hub')
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  if (hub === undefined) {
    if (known !== undefined && isHubUrl(known)) return known
    const why = known === undefined ? 'is needed for the first start' : `is needed: ${file}, where it was remembered, is damaged`
    throw new ConfigError(`--hub (mqtts://host:port) ${why}`)
  }
  try {
    if (known !== hub) writeFileAtomic(file, `${hub}\n`)
  } catch (error) {
    log.warn({ file, error: messageOf(error) }, 'the hub cannot be remembered for the next start')
  }
  return hub
}

const pkiOf = ({ dir }: AgentConfig): string => join(dir, 'pki')

/** What this node proves itself with; damaged credentials are put aside when there is a token to join with anew. */
function credentialStore(config: AgentConfig, log: Log): CredentialStore {
  const folder = pkiOf(config)
  try {
    return createCredentialStore(folder)
  } catch (error) {
    if (!(error instanceof DamagedCredentials) || config.token === undefined) throw error
    log.warn({ error: messageOf(error) }, 'credentials are damaged, the node joins anew with its token')
    putCredentialsAside(folder)
    return createCredentialStore(folder)
  }
}
