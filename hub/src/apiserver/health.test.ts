import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import { describe, expect, it } from 'vitest'
import { createHealth } from './health.ts'

describe('health', () => {
  const broken = () => {
    throw new Error('the disk is full')
  }
  const ask = (path: string, checks = {}, log: Parameters<typeof createHealth>[0]['log'] = silentLog) =>
    askOf(createHealth({ ...checks, log }), path)
  const askOf = (health: ReturnType<typeof createHealth>, path: string) => {
    const [bare = '', query = ''] = path.split('?')
    const request = {
      method: 'GET',
      path: bare,
      query: new URLSearchParams(query),
      headers: {},
      signal: new AbortController().signal,
    } as const
    return health.at.test(bare) ? health.answer(request) : undefined
  }

  it('is ok when all checks are, and lists them when asked', async () => {
    expect(await ask('/readyz', { ready: { store: () => {} } })).toMatchObject({ status: 200, raw: 'ok' })
    expect(await ask('/readyz?verbose', { ready: { store: () => {} } })).toMatchObject({
      raw: '[+]ping ok\n[+]store ok\nreadyz check passed\n',
    })
  })

  it('names the check that failed and tells why to who asks for it alone, and a hub that is not ready may still be alive', async () => {
    const checks = { ready: { store: broken } }
    expect(await ask('/readyz', checks)).toMatchObject({
      status: 500,
      raw: '[+]ping ok\n[-]store failed: reason withheld\nreadyz check failed\n',
    })
    expect(await ask('/livez', checks)).toMatchObject({ status: 200 })
    expect(await ask('/readyz/store', checks)).toMatchObject({ status: 500, raw: 'internal server error: the disk is full\n' })
    expect(await ask('/readyz/ping', checks)).toMatchObject({ status: 200, raw: 'ok' })
    expect(await ask('/readyz/none', checks)).toBeUndefined()
    expect(await ask('/else', checks)).toBeUndefined()
  })

  it.each(
    ['livez', 'readyz', 'healthz'].flatMap((root) =>
      ['', '?verbose', '?verbose=1', '?exclude=ping', '?exclude=b&verbose'].map((query) => `/${root}${query}`),
    ),
  )('does not tell strangers why: %s', async (path) => {
    const answer = await ask(path, { live: { store: broken } })
    expect(answer).toMatchObject({ status: 500, raw: expect.stringContaining('[-]store failed: reason withheld\n') })
    expect(JSON.stringify(answer)).not.toContain('the disk is full')
  })

  it('tells why in the log, once, and that it is over', async () => {
    const lines: string[] = []
    let problem: string | undefined = 'the disk is full'
    const store = () => {
      if (problem !== undefined) throw new Error(problem)
    }
    const health = createHealth({ ready: { store }, log: createLog({ write: (line) => lines.push(line) }) })
    for (const now of [undefined, 'the disk is full', 'the disk is full', 'the disk is slow', undefined, undefined]) {
      problem = now
      await askOf(health, '/readyz')
    }
    expect(lines.map((line) => JSON.parse(line)).map(({ level, message, check, problem }) => [level, message, check, problem])).toEqual([
      ['warn', 'health check failed', 'store', 'the disk is full'],
      ['warn', 'health check failed', 'store', 'the disk is slow'],
      ['info', 'health check passes again', 'store', undefined],
    ])
  })

  it('leaves out what is excluded, and says what cannot be', async () => {
    const checks = { ready: { store: broken } }
    expect(await ask('/readyz?exclude=store', checks)).toMatchObject({ status: 200, raw: 'ok' })
    expect(await ask('/readyz?exclude=store&exclude=none&exclude=any&verbose', checks)).toMatchObject({
      status: 200,
      raw: '[+]ping ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "any","none"\nreadyz check passed\n',
    })
  })
})
