import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { expect, it } from 'vitest'
import { createLog } from '@bramble/shared/logging/log.ts'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels } from '@bramble/shared/streams/node-stream.ts'
import { servedBy } from '@bramble/shared/streams/testing/stream-pair.ts'
import { readMachine } from './machine.ts'
import type { PageScene } from './page.ts'
import { createPageServer } from './page-server.ts'

const logged: string[] = []
const scene: PageScene = {
  ...{ nodeName: 'pi-1', clock: { now: () => 1000, monotonic: () => 0 }, machine: () => readMachine('/') },
  ...{ pods: async () => [], wanted: () => [], pace: async () => new Map([['', 5]]) },
}

/** Asks as the hub does, over a stream of its own. */
async function ask(method: string, path: string, of: Partial<PageScene> = {}) {
  const serve = createPageServer({ ...scene, ...of }, createLog({ write: (line) => void logged.push(line) }))
  const connection = duplexOf(servedBy<'kubelet'>(serve, { kind: 'kubelet' }), channels.stdin)
  const sent = request({ createConnection: () => connection, method, path, headers: { connection: 'close' } })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  for await (const piece of answer.setEncoding('utf8')) text += String(piece)
  connection.destroy()
  return { status: answer.statusCode, type: answer.headers['content-type'], text }
}

it('each page has its path and its type', async () => {
  expect(await ask('GET', '/healthz')).toEqual({ status: 200, type: 'text/plain; charset=utf-8', text: 'ok' })
  expect(await ask('HEAD', '/healthz?verbose')).toMatchObject({ status: 200, text: '' })
  expect(JSON.parse((await ask('GET', '/pods')).text)).toMatchObject({ kind: 'PodList', items: [] })
  expect(JSON.parse((await ask('GET', '/stats/summary')).text)).toMatchObject({
    node: { nodeName: 'pi-1', cpu: { usageNanoCores: 5 } },
    pods: [],
  })
  for (const path of ['/metrics/resource', '/metrics/cadvisor']) {
    const { type, text } = await ask('GET', path)
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
    // Every line is a comment or a name, labels and a number.
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$/)
  }
})

it('what there is not, what is only read and what could not be made is told', async () => {
  const { status, text } = await ask('GET', '/exec/default/box/main')
  expect([status, text]).toEqual([404, expect.stringContaining('has no /exec/default/box/main: it has /healthz, ')])
  expect(await ask('POST', '/healthz')).toMatchObject({ status: 405, text: '/healthz is only read\n' })
  const pods = () => Promise.reject(new Error('the runtime is away'))
  expect(await ask('GET', '/metrics/resource', { pods })).toMatchObject({
    status: 500,
    text: '/metrics/resource could not be made: the runtime is away\n',
  })
  expect(logged.join('')).toContain('a page could not be made')
})
