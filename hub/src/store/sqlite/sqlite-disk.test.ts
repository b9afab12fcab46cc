import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LogUnderTest, written } from '../conformance/bed.ts'
import { describeStoreConformance } from '../conformance/suite.ts'
import type { RevisionLog } from '../log.ts'
import type { LogDisk } from '../disk/disk.ts'
import { groupCommit } from '../disk/group-commit.ts'
import { createStore } from '../mvcc.ts'
import { inThreadSqliteDisk } from './in-thread-disk.ts'
import { sqliteDisk } from './sqlite-disk.ts'

let built: string
let workerUrl: URL
beforeAll(async () => {
  // Inside the package, so that the bundle finds the native module.
  built = mkdtempSync(new URL('../../../../node_modules/.cache-store-worker-', import.meta.url).pathname)
  await build({
    entryPoints: ['worker.ts', 'testing-writer.ts', 'testing-stuck.ts'].map((file) => new URL(file, import.meta.url).pathname),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3'],
  })
  workerUrl = pathToFileURL(join(built, 'worker.mjs'))
})
afterAll(() => rmSync(built, { recursive: true }))

/** A power cut: the files as they are now, copied to where the next life finds them. */
function onDisk(diskAt: (path: string) => LogDisk): LogUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  const opened: RevisionLog[] = []
  let life = 0
  const path = () => join(folder, `life-${life}.db`)
  return {
    open() {
      const log = groupCommit({ disk: diskAt(path()) })
      opened.push(log)
      return log
    },
    async crash() {
      const before = path()
      life++
      for (const suffix of ['', '-wal']) if (existsSync(before + suffix)) copyFileSync(before + suffix, path() + suffix)
    },
    async dispose() {
      for (const log of opened) await log.close()
      rmSync(folder, { recursive: true })
    },
  }
}

describeStoreConformance('SQLite in this thread', () => onDisk((path) => inThreadSqliteDisk({ path })))
describeStoreConformance('SQLite in a worker', () => onDisk((path) => sqliteDisk({ path, worker: workerUrl })))

describe('sqliteDisk', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'))
    path = join(folder, 'hub', 'store.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const openStore = (maxBytes?: number) =>
    createStore({ log: groupCommit({ disk: inThreadSqliteDisk({ path, ...(maxBytes !== undefined && { maxBytes }) }) }) })

  it('refuses a file that another hub has open, in one sentence', async () => {
    const store = await openStore()
    await expect(openStore()).rejects.toThrow(/store\.db is in use by another Bramble.*: stop that one, or give this one another --home/)
    await expect(createStore({ log: groupCommit({ disk: sqliteDisk({ path, worker: workerUrl }) }) })).rejects.toThrow(
      'is in use by another Bramble',
    )
    await store.close()
    await (await openStore()).close()
  })

  it('refuses a damaged file and one that is not a store', async () => {
    const store = await openStore()
    for (let i = 0; i < 200; i++) await written(store.create(`/core/pods/a/${i}`, 'x'.repeat(500)))
    await store.close()
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 8192, 8192 + 4096)
    writeFileSync(path, bytes)
    await expect(openStore()).rejects.toThrow(/store\.db is damaged .*: put a backup in its place/)

    writeFileSync(path, 'no database at all'.repeat(1000))
    await expect(openStore()).rejects.toThrow('is damaged')

    truncateSync(path, 0)
    const foreign = new Database(path)
    foreign.exec('CREATE TABLE t (x); PRAGMA user_version = 9')
    foreign.close()
    await expect(openStore()).rejects.toThrow('is not a store this Bramble can read (schema 9, expected 1)')
  })

  it('goes on serving reads when the disk is full, says so to writers, and recovers when there is room', async () => {
    const store = await openStore(64 * 1024)
    const kept = await written(store.create('/core/pods/a/kept', 'k'))
    let entry = await written(store.create('/core/pods/a/x', 'x'.repeat(4000)))
    const fill = async () => {
      for (;;) entry = await written(store.update('/core/pods/a/x', 'x'.repeat(4000), entry.revision))
    }
    await expect(fill()).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringMatching(/^cannot write .*store\.db: the disk is full \(\d+ KiB free\); make room/),
    })
    expect(store.get('/core/pods/a/kept')).toEqual(kept)
    expect(store.get('/core/pods/a/x')).toEqual(entry)
    await store.compact(store.mark())
    await written(store.update('/core/pods/a/x', 'short', entry.revision))
    await store.close()
    const again = await openStore()
    expect(again.get('/core/pods/a/x')?.value).toBe('short')
    await again.close()
  })

  it('has every acknowledged write after kill -9', async () => {
    const writer = spawn(process.execPath, [join(built, 'testing-writer.mjs'), path, workerUrl.href], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const line of createInterface(writer.stdout)) {
      acknowledged.push(line)
      if (acknowledged.length === 300) writer.kill('SIGKILL')
    }
    // The last line may have been cut in the middle.
    const whole = acknowledged.slice(0, -1)
    const store = await openStore()
    expect(whole.length).toBeGreaterThanOrEqual(300 - 1)
    expect(whole.filter((key) => store.get(key) === undefined)).toEqual([])
    await store.close()
  })

  it('fails its service when the writing thread dies, and refuses writes until the hub is restarted', async () => {
    // Stands in for the worker: opens, and dies with the first write.
    const dying = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from 'node:worker_threads'
        parentPort.postMessage({ type: 'done', result: { ceiling: 0, marks: [] } })
        parentPort.on('message', ({ type }) => type === 'rows' ? parentPort.postMessage({ type: 'done', result: [] }) : process.exit(1))
      `)}`,
    )
    const disk = sqliteDisk({ path, worker: dying })
    const store = await createStore({ log: groupCommit({ disk }) })
    const stop = new AbortController()
    const running = expect(disk.service.run(stop.signal)).rejects.toThrow('the thread that writes the store has ended')
    await expect(store.create('/core/pods/a/x', '1')).rejects.toThrow('restart the hub')
    await running
    await expect(store.create('/core/pods/a/y', '1')).rejects.toThrow('restart the hub')
    await store.close()
  })

  it('its thread ends a process whose loop stands still, with the stack of what holds it', async () => {
    const args = [join(built, 'testing-stuck.mjs'), path, workerUrl.href]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const exit = once(child, 'exit')
    const { stack, message } = JSON.parse(await text(child.stderr)) as { stack: string; message: string }
    expect(message).toBe('the event loop stood still, ending')
    expect(stack).toContain('at feedsItself (file://')
    expect((await exit)[1]).toBe('SIGKILL')
  })

  it('ends its service with the signal', async () => {
    const disk = sqliteDisk({ path, worker: workerUrl })
    const store = await createStore({ log: groupCommit({ disk }) })
    const stop = new AbortController()
    const running = disk.service.run(stop.signal)
    stop.abort()
    await running
    await store.close()
  })

  it('waits for the disk with every commit', async () => {
    const store = await openStore()
    await written(store.create('/core/pods/a/x', '1'))
    expect(store.stats.bytesWritten).toBeGreaterThan(0)
    await store.close()
  })
})
