import { watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { Cache } from '../cache/cache.ts'
import { pods } from '../resources.ts'
import { createManifestFolder, type Found, type ReadPod } from './manifest-folder.ts'
import { staticPodOf } from './static-pod.ts'

export type StaticPodsDeps = {
  /** Of manifests, one pod a file; it is made where there is none. */
  readonly folder: string
  readonly node: string
  /** Reads the text of a manifest; throws for what is no pod. */
  readonly readPod: ReadPod
  readonly cache: Pick<Cache, 'source'>
  readonly log: Log
}

export type StaticPods = Service & {
  /** Resolves when the folder has been read for the first time, or could not be. */
  read(): Promise<void>
}

// As the kubelet (`fileCheckFrequency`): what no event told of, such as a folder that is made, is found by then.
const lookMs = 20_000
// A file that is being written is looked at when it has settled.
const settleMs = 100
const scope = 'pods'

/**
 * What the folder of manifests wants of this node, with a hub or without: a source of its own in the cache. A folder that cannot be read
 * takes nothing away, and a file that is no pod nothing but the pod that it was.
 */
export function createStaticPods({ folder, node, readPod, cache, log }: StaticPodsDeps): StaticPods {
  const source = cache.source('static', [pods])
  const readManifests = createManifestFolder(folder, readPod)
  const changed = createPulse()
  let markRead = () => {}
  const hasRead = new Promise<void>((resolve) => (markRead = resolve))
  let told = ''

  const tell = (problems: readonly string[]) => {
    const text = problems.join('; ')
    if (text !== told && text !== '') log.warn({ folder, problems: text }, 'manifests of static pods cannot be used')
    told = text
  }

  const look = async () => {
    try {
      const { wanted, problems } = podsIn(await readManifests(), node)
      tell(problems)
      const held = source.list(pods)
      if (source.hasSynced(scope) && isSameJson(byKey(held), byKey(wanted))) return
      source.replace(scope, pods, wanted, `${Number(source.resourceVersion(scope) ?? 0) + 1}`)
    } catch (error) {
      tell([messageOf(error)])
    } finally {
      markRead()
    }
  }

  return {
    name: 'static-pods',
    read: () => hasRead,
    async run(signal) {
      let stopWatching: (() => void) | undefined
      // So that whoever looks for it finds it, and what is put into it is heard of at once. On a card that cannot be written there is none.
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {})
      while (!signal.aborted) {
        await look()
        stopWatching ??= watched(folder, changed.ring, () => (stopWatching = undefined))
        if ((await changed.wait(lookMs, signal)) === 'rung') await sleep(settleMs, signal).catch(() => {})
      }
      stopWatching?.()
    },
  }
}

/** The pods of all files, and what is wrong with the others. Of two of one name the first file's is taken. Pure. */
export function podsIn(found: readonly Found[], node: string): { readonly wanted: readonly Pod[]; readonly problems: readonly string[] } {
  const wanted = new Map<string, Pod>()
  const problems: string[] = []
  for (const each of found) {
    try {
      if ('why' in each) throw new Error(each.why)
      const pod = staticPodOf(each, node)
      const key = keyTextOf(pod)
      if (wanted.has(key)) throw new Error(`pod ${key} is in another file too`)
      wanted.set(key, pod)
    } catch (error) {
      problems.push(`${each.file}: ${messageOf(error)}`)
    }
  }
  return { wanted: [...wanted.values()], problems }
}

const byKey = (list: readonly Pod[]): Readonly<Record<string, Pod>> => Object.fromEntries(list.map((pod) => [keyTextOf(pod), pod]))

/** Tells of changes until it is stopped; undefined where there is no folder. */
function watched(folder: string, onChange: () => void, onEnd: () => void): (() => void) | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    watcher.on('error', () => {
      watcher.close()
      onEnd()
    })
    return () => watcher.close()
  } catch {
    return undefined
  }
}
