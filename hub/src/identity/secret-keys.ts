import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import { writeSecretFile } from './secret-file.ts'

/** The shape that `store/disk/sealed-disk.ts` takes. */
export type SecretKey = { readonly id: string; readonly key: Uint8Array }
/** The first seals, all of them open. */
export type SecretKeyList = readonly [SecretKey, ...SecretKey[]]

/** Where the keys that seal Secrets on the disk come from: a file here, a TPM perhaps. */
export type SecretKeyProvider = {
  /** As they are now. */
  readonly keys: () => SecretKeyList
  /** Hears when there are others, after `keys` tells them. */
  readonly onChanged: (listener: () => void) => void
  /** Looks out for changes as long as the hub runs. */
  readonly service: Service
}

/**
 * One `<id> <base64 of 32 bytes>` a line. The first start makes one; whoever puts another line on top (`bramble secrets rotate`) changes
 * what seals while the hub runs. It belongs into every backup of the store. What cannot be read later leaves the keys as they were.
 */
export function openSecretKeys(path: string, { log }: { readonly log?: Log } = {}): SecretKeyProvider {
  if (!existsSync(path)) writeSecretFile(path, newLine())
  let keys = readKeys(path)
  const listeners: (() => void)[] = []
  const look = () => {
    try {
      const found = readKeys(path)
      if (found.map(({ id }) => id).join() === keys.map(({ id }) => id).join()) return
      keys = found
      for (const tell of listeners) tell()
    } catch (error) {
      log?.error({ path, error: messageOf(error) }, 'the keys of Secrets cannot be read anew: those from before stay')
    }
  }
  return {
    keys: () => keys,
    onChanged: (listener) => void listeners.push(listener),
    service: {
      name: 'secret-keys',
      async run(signal) {
        // The folder: the file is replaced whole.
        const watching = watch(dirname(path), (_event, name) => {
          if (name === basename(path)) look()
        })
        watching.on('error', (error) => log?.error({ path, error: error.message }, 'changes of the keys of Secrets are not heard of'))
        look()
        await whenAborted(signal)
        watching.close()
      },
    },
  }
}

/** Puts a new key on top. */
export function addSecretKey(path: string): SecretKey {
  const line = newLine()
  writeSecretFile(path, `${line}${readFileSync(path, 'utf8')}`)
  return parse(line.trim(), path)
}

/** Leaves only the keys of these names, and of the first. */
export function keepSecretKeys(path: string, ids: ReadonlySet<string>): void {
  const [first, ...others] = readKeys(path)
  const kept = [first, ...others.filter(({ id }) => ids.has(id))]
  writeSecretFile(path, kept.map(({ id, key }) => `${id} ${Buffer.from(key).toString('base64')}\n`).join(''))
}

export function readKeys(path: string): SecretKeyList {
  const [first, ...others] = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => parse(line, `${path}:${index + 1}`))
  if (first === undefined) throw new Error(`${path} holds no key: put it back from a backup`)
  return [first, ...others]
}

const newLine = () => `${randomBytes(4).toString('hex')} ${randomBytes(32).toString('base64')}\n`

function parse(line: string, where: string): SecretKey {
  const [, id, text] = /^([a-z0-9-]{1,32})\s+([A-Za-z0-9+/]{43}=)\s*$/.exec(line) ?? []
  if (id === undefined || text === undefined)
    throw new Error(`${where}: expected a name of a-z, 0-9 and -, and 32 bytes in base64; put it back from a backup`)
  return { id, key: Buffer.from(text, 'base64') }
}
