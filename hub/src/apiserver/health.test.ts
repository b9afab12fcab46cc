import { describe, expect, it } from 'vitest'
import { createHealth } from './health.ts'

describe('health', () => {
  const broken = () => {
    throw new Error('the disk is full')
  }
  const ask = (path: string, checks = {}) => {
    const [bare = '', query = ''] = path.split('?')
    const health = createHealth(checks)
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

  it('names the check that failed and why, and a hub that is not ready may still be alive', async () => {
    const checks = { ready: { store: broken } }
    expect(await ask('/readyz', checks)).toMatchObject({
      status: 500,
      raw: '[+]ping ok\n[-]store failed: the disk is full\nreadyz check failed\n',
    })
    expect(await ask('/livez', checks)).toMatchObject({ status: 200 })
    expect(await ask('/readyz/store', checks)).toMatchObject({ status: 500, raw: 'internal server error: the disk is full\n' })
    expect(await ask('/readyz/ping', checks)).toMatchObject({ status: 200, raw: 'ok' })
    expect(await ask('/readyz/none', checks)).toBeUndefined()
    expect(await ask('/else', checks)).toBeUndefined()
  })

  it('leaves out what is excluded, and says what cannot be', async () => {
    const checks = { ready: { store: broken } }
    expect(await ask('/readyz?exclude=store', checks)).toMatchObject({ status: 200, raw: 'ok' })
    expect(await ask('/readyz?exclude=store&exclude=none&verbose', checks)).toMatchObject({
      status: 200,
      raw: '[+]ping ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "none"\nreadyz check passed\n',
    })
  })
})
