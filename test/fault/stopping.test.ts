import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { bramble, freePort } from '../harness/cluster.ts'

const homes: string[] = []
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

/** A hub with its log in a pipe, up to where it listens. */
async function startHub() {
  const home = mkdtempSync(join(tmpdir(), 'bramble-stopping-'))
  homes.push(home)
  const [httpsPort, mqttPort] = [await freePort(), await freePort()]
  const args = [
    ...['--dir', join(home, 'hub'), '--kubeconfig', join(home, 'kubeconfig'), '--log-level', 'debug'],
    ...['--https-address', '127.0.0.1', '--https-port', String(httpsPort)],
    ...['--mqtt-address', '127.0.0.1', '--mqtt-port', String(mqttPort)],
  ]
  return { home, ...(await start(['hub', ...args], 'broker listening')) }
}

/** An agent that waits for a hub that is away. */
async function startAgent() {
  const home = mkdtempSync(join(tmpdir(), 'bramble-stopping-'))
  homes.push(home)
  const token = `abcdef.0123456789abcdef.${'0'.repeat(64)}`
  const args = [
    '--hub',
    `mqtts://127.0.0.1:${await freePort()}`,
    '--node',
    'pi',
    '--dir',
    join(home, 'agent'),
    '--run-dir',
    join(home, 'run'),
  ]
  return { home, ...(await start(['agent', ...args, '--token', token], 'hub')) }
}

async function start(words: readonly string[], says: string) {
  const child = spawn(bramble, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  const ended = once(child, 'exit')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()).includes(says) && resolve())
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)))
  })
  return { child, ended }
}

describe.each([
  ['a hub', startHub],
  ['an agent', startAgent],
] as const)('%s whose starter was killed', (_, begin) => {
  it.each([
    ['and whose folder goes when it stops', 'destroy', 'after'],
    ['and whose folder has gone', 'destroy', 'before'],
    ['with a log that is full', 'pause', 'after'],
  ] as const)('%s, stops when it is asked to', async (_case, log, folder) => {
    const { home, child, ended } = await begin()
    child.stderr[log]()
    child.stdout[log]()
    if (folder === 'before') rmSync(home, { recursive: true, force: true })
    child.kill('SIGTERM')
    if (folder === 'after') rmSync(home, { recursive: true, force: true })
    expect(await ended).toEqual([0, null])
  })
})
