import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Client, WatchEvent } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import type { ConfigMap } from '@bramble/shared/kinds/config-map.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { createInformer } from './informer.ts'
import { byLabel, byNamespace } from './lister.ts'
import { startTestHub, until } from './test-hub.ts'

const mapOf = (name: string, metadata: Partial<ConfigMap['metadata']> = {}, data = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...metadata },
  data,
})

test('an informer follows what is created, changed and deleted', async () => {
  await using hub = await startTestHub()
  await hub.client.create(configMaps, mapOf('a'))
  const informer = createInformer(configMaps, { client: hub.client, clock: systemClock, log: silentLog })
  const heard: string[] = []
  informer.addHandlers({
    onAdd: ({ metadata }) => heard.push(`+${metadata.name}`),
    onUpdate: ({ metadata, data }, previous) => heard.push(`${metadata.name}: ${previous.data?.['x']} → ${data?.['x']}`),
    onDelete: ({ metadata }) => heard.push(`-${metadata.name}`),
  })
  hub.start({ name: 'informer', run: informer.run })
  await informer.synced
  expect(heard).toEqual(['+a'])
  await hub.client.create(configMaps, mapOf('b', {}, { x: '1' }))
  const current = await hub.client.get(configMaps, { name: 'b', namespace: 'default' })
  await hub.client.update(configMaps, { ...current, data: { x: '2' } })
  await hub.client.delete(configMaps, { name: 'a', namespace: 'default' })
  await until('the deletion is seen', () => heard.includes('-a'))
  expect(heard).toEqual(['+a', '+b', 'b: 1 → 2', '-a'])
  expect(informer.lister.get('default', 'b')?.data).toEqual({ x: '2' })
  const late: string[] = []
  informer.addHandlers({ onAdd: ({ metadata }) => late.push(metadata.name) })
  expect(late).toEqual(['b'])
})

test('a handler that stumbles over one object hears of the others, and the copy becomes complete', async () => {
  await using hub = await startTestHub()
  for (const name of ['a', 'b']) await hub.client.create(configMaps, mapOf(name))
  const informer = createInformer(configMaps, { client: hub.client, clock: systemClock, log: silentLog })
  const heard: string[] = []
  informer.addHandlers({
    onAdd({ metadata }) {
      if (metadata.name === 'a') throw new TypeError('spec is undefined')
      heard.push(metadata.name)
    },
    onDelete() {
      throw new TypeError('spec is undefined')
    },
  })
  hub.start({ name: 'informer', run: informer.run })
  await informer.synced
  await hub.client.delete(configMaps, { name: 'a', namespace: 'default' })
  await hub.client.create(configMaps, mapOf('c'))
  await until('the last is heard of', () => heard.includes('c'))
  expect(heard).toEqual(['b', 'c'])
  expect(informer.lister.list().map(({ metadata }) => metadata.name)).toEqual(['b', 'c'])
})

/** A server that answers lists and watches from a script, and fails where the script says so. */
function scripted(lists: readonly (readonly ConfigMap[])[], watches: readonly (readonly (WatchEvent<ConfigMap> | Error)[])[]) {
  const asked: string[] = []
  let lister = 0
  let watcher = 0
  const client = {
    async list() {
      asked.push('list')
      const items = lists[Math.min(lister, lists.length - 1)] ?? []
      lister += 1
      return { items, metadata: { resourceVersion: String(lister * 100) } }
    },
    async *watch(_resource: unknown, { resourceVersion }: { resourceVersion?: string }, { signal }: { signal: AbortSignal }) {
      asked.push(`watch from ${resourceVersion}`)
      const script = watches[watcher]
      watcher += 1
      for (const step of script ?? []) {
        if (step instanceof Error) throw step
        yield step
      }
      if (script === undefined) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    },
  } as unknown as Client // list and watch are all that an informer uses
  return { client, asked }
}

const at = (name: string, resourceVersion: string, uid: string) => mapOf(name, { resourceVersion, uid })

async function follow(client: Client, done: (heard: readonly string[]) => boolean) {
  const informer = createInformer(configMaps, { client, clock: systemClock, log: silentLog, random: () => 0 })
  const heard: string[] = []
  informer.addHandlers({
    onAdd: ({ metadata }) => heard.push(`+${metadata.name}`),
    onUpdate: ({ metadata }) => heard.push(`~${metadata.name}`),
    onDelete: ({ metadata }) => heard.push(`-${metadata.name}`),
  })
  const stop = new AbortController()
  const running = informer.run(stop.signal)
  await until('the script is played', () => done(heard))
  stop.abort()
  await running
  return heard
}

test('a watch that expired is followed by a list, and only the differences are told', async () => {
  const { client, asked } = scripted(
    [
      [at('same', '1', 'u1'), at('gone', '2', 'u2'), at('changed', '3', 'u3')],
      [at('same', '1', 'u1'), at('changed', '4', 'u3'), at('new', '5', 'u5')],
    ],
    [[new ApiError('Expired', 'too old resource version')]],
  )
  const heard = await follow(client, (heard) => heard.includes('+new'))
  expect(heard).toEqual(['+same', '+gone', '+changed', '-gone', '~changed', '+new'])
  expect(asked).toEqual(['list', 'watch from 100', 'list', 'watch from 200'])
})

test('a watch that breaks is resumed from the last version it saw, bookmarks included', async () => {
  const { client, asked } = scripted(
    [[]],
    [
      [{ type: 'ADDED', object: at('a', '7', 'u1') }, { type: 'BOOKMARK', object: at('', '9', '') }, new Error('connection lost')],
      [{ type: 'ADDED', object: at('b', '11', 'u2') }],
    ],
  )
  await follow(client, () => asked.length >= 4)
  expect(asked).toEqual(['list', 'watch from 100', 'watch from 9', 'watch from 11'])
})

test('an object that was replaced by another of its name is told as one that went and one that came', async () => {
  const { client } = scripted([[at('a', '1', 'u1')], [at('a', '2', 'u2')]], [[new ApiError('Expired', 'too old')]])
  expect(await follow(client, (heard) => heard.length === 3)).toEqual(['+a', '-a', '+a'])
})

test('indexes are kept up with changes', async () => {
  const byApp = byLabel('app')
  const { client } = scripted(
    [[mapOf('a', { resourceVersion: '1', uid: 'a', labels: { app: 'x' } })]],
    [[{ type: 'MODIFIED', object: mapOf('a', { resourceVersion: '2', uid: 'a', labels: { app: 'y' } }) }]],
  )
  const informer = createInformer(configMaps, { client, clock: systemClock, log: silentLog, random: () => 0 })
  const stop = new AbortController()
  const running = informer.run(stop.signal)
  await informer.synced
  expect(informer.lister.by(byApp, 'x')).toHaveLength(1)
  await until('the change is seen', () => informer.lister.by(byApp, 'y').length === 1)
  expect(informer.lister.by(byApp, 'x')).toEqual([])
  expect(informer.lister.by(byNamespace, 'default')).toHaveLength(1)
  stop.abort()
  await running
})
