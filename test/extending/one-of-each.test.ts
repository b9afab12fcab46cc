import { build } from 'esbuild'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
// @ts-expect-error a build script, without types
import { globPlugin } from '../../shared/build/glob-plugin.mjs'
import type * as Seen from './seen.ts'

// One new file of each, written into a copy of the tree: nothing else in it is changed, and each of them works.
const root = new URL('../../', import.meta.url).pathname
const packages = ['shared', 'hub', 'edge-agent', 'firmware-images']
const copy = mkdtempSync(join(tmpdir(), 'bramble-extended-'))
afterAll(() => rmSync(copy, { recursive: true }))

let seen: typeof Seen
beforeAll(async () => {
  for (const name of packages)
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !/\/(node_modules|dist)$|\.test\.ts$/.test(path) })
  cpSync(join(root, 'test/extending/one-of-each'), copy, { recursive: true })
  cpSync(join(root, 'test/extending/seen.ts'), join(copy, 'seen.ts'))
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, '@bramble'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@bramble') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  for (const name of packages) symlinkSync(join(copy, name), join(modules, '@bramble', name))
  const outfile = join(copy, 'seen.mjs')
  await build({
    absWorkingDir: copy,
    entryPoints: [join(copy, 'seen.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['better-sqlite3'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    plugins: [globPlugin],
    logLevel: 'silent',
  })
  seen = (await import(outfile)) as typeof Seen // it was built of that file
})

test('a kind is served, checked, printed and discovered', async () => {
  expect(await seen.kind()).toEqual({ made: 201, wrong: 400, cells: ['milk', 'buy some'], discovered: expect.arrayContaining(['notes']) })
})

test('an admission plugin looks at what is written', async () => {
  expect(await seen.admission()).toEqual({ code: 403, message: expect.stringContaining('it shouts') })
})

test('a subresource is served and discovered', async () => {
  expect(await seen.subresource()).toEqual({ code: 200, bytes: expect.any(Number), isDiscovered: true })
})

test('a posted resource is served and discovered', async () => {
  expect(await seen.posted()).toEqual({ code: 201, said: 'hello, bramble:admin', isDiscovered: true })
})

test('a controller runs', async () => {
  expect(await seen.controller()).toBe('hello')
})

test('a scheduler plugin has its say, and says why', async () => {
  expect(await seen.schedulerPlugin()).toEqual({ why: '0/1 nodes are available: 1 node(s) were loud.', node: 'pi-2' })
})

test('a fact is told by the node', async () => {
  expect(await seen.fact()).toBe('40')
})

test('a volume source is mounted, and its pods come to nodes that tell that they mount it', async () => {
  expect(await seen.volumeSource()).toEqual({
    from: 'https://example.com/a.git',
    refusal: expect.stringContaining('spec.volumes[0].gitRepo'),
    unsupported: undefined,
    node: 'pi-2',
  })
})

test('a probe may ask for something new', async () => {
  expect(await seen.handler()).toEqual({ outcome: 'success', message: 'hello pi-1' })
})

test('a topic has its rights', async () => {
  expect(await seen.topic()).toEqual([true, false, true, false])
})
