import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { hubSource } from '../link/sync/hub-source.ts'
import { pods } from '../resources.ts'
import { createMirrorStatus } from './mirror-status.ts'
import { readPod } from './read-pod.ts'
import { mirrorOf } from './static-pod.ts'
import { createStaticPods } from './static-pods.ts'

const manifest = (name: string, image = 'busybox:1') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: "${image}"}]}\n`

describe('a folder of manifests', () => {
  let folder: string
  let stop: AbortController
  let ended: Promise<void>
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'static-pods-')), 'manifests')
    stop = new AbortController()
    ended = Promise.resolve()
  })
  afterEach(async () => {
    stop.abort()
    await ended
    rmSync(join(folder, '..'), { recursive: true })
  })
  const start = async (cache = createMemoryCache()) => {
    const service = createStaticPods({ folder, node: 'pi-1', readPod, cache, log: silentLog })
    ended = service.run(stop.signal)
    await service.read()
    return cache
  }
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  const namesIn = (cache: ReturnType<typeof createMemoryCache>) => cache.list(pods).map(({ metadata }) => metadata.name)

  it('that is not there wants nothing, which is known', async () => {
    const cache = await start()
    expect([namesIn(cache), cache.hasSynced(pods)]).toEqual([[], true])
  })

  it('is followed: pods come, change and go with their files, and what is no pod takes no other away', async () => {
    mkdirSync(folder)
    write('a.yaml', manifest('a'))
    write('broken.yaml', 'a: [')
    write('.hidden.yaml', manifest('hidden'))
    write('twice.yaml', manifest('a'))
    const cache = await start()
    expect(namesIn(cache)).toEqual(['a-pi-1'])
    const [before] = cache.list(pods)
    write('b.yaml', manifest('b'))
    await vi.waitFor(() => expect(namesIn(cache)).toEqual(['a-pi-1', 'b-pi-1']))
    expect(cache.list(pods)[0]?.metadata.uid).toBe(before?.metadata.uid)
    write('a.yaml', manifest('a', 'busybox:2'))
    rmSync(join(folder, 'b.yaml'))
    await vi.waitFor(() => expect(namesIn(cache)).toEqual(['a-pi-1']))
    await vi.waitFor(() => expect(cache.list(pods)[0]?.spec.containers[0]?.image).toBe('busybox:2'))
  })

  it('is what it was to an agent that starts again, also when it is gone from the hub', async () => {
    mkdirSync(folder)
    write('a.yaml', manifest('a'))
    const cache = await start()
    const [before] = cache.list(pods)
    stop.abort()
    await ended
    stop = new AbortController()
    hubSource(cache).replace('pods', pods, [], '1')
    await start(cache)
    expect(cache.list(pods)[0]).toBe(before)
  })

  it('has its pods told of by their mirrors, and a mirror that is made anew is told at once', async () => {
    mkdirSync(folder)
    write('a.yaml', manifest('a'))
    const cache = await start()
    const hub = hubSource(cache)
    const sent: string[] = []
    const tell = createMirrorStatus({ cache, send: (pod, { phase }) => void sent.push(`${pod.metadata.uid} ${phase}`) })
    const [pod] = cache.list(pods)
    tell(pod!, { phase: 'Running' } as PodStatus)
    expect(sent).toEqual([])
    const shown = (uid: string) => {
      const mirror = mirrorOf(pod!, { name: 'pi-1', uid: 'n1' })
      return { ...mirror, metadata: { ...mirror.metadata, uid, resourceVersion: uid.slice(1) } }
    }
    hub.replace('pods', pods, [shown('m1')], '1')
    await vi.waitFor(() => expect(sent).toEqual(['m1 Running']))
    hub.replace('pods', pods, [shown('m2')], '2')
    await vi.waitFor(() => expect(sent).toEqual(['m1 Running', 'm2 Running']))
    tell(pod!, { phase: 'Failed' } as PodStatus)
    expect(sent).toEqual(['m1 Running', 'm2 Running', 'm2 Failed'])
  })
})
