import { describe, expect, it } from 'vitest'
import { queryNumber } from './query-number.ts'
import { createTestApi, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'

describe('a number in a query', () => {
  it.each(['', '%20', '0x0', '1e1', '1.5', 'abc', '0,0'])('a grace of "%s" kills no pod at once: it is refused', async (grace) => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('a', { nodeName: 'n' }) })
    expect(await json('DELETE', `${pods}/a?gracePeriodSeconds=${grace}`)).toMatchObject({
      code: 400,
      body: { message: `strconv.ParseInt: parsing ${JSON.stringify(decodeURIComponent(grace))}: invalid syntax` },
    })
    expect((await json('GET', `${pods}/a`)).body.metadata.deletionTimestamp).toBeUndefined()
  })

  it.each([
    ['GET', `${pods}?limit=`],
    ['GET', `${pods}?limit=1e1`],
    ['GET', `${pods}?timeoutSeconds=`],
    ['GET', `${pods}?watch=1&timeoutSeconds=0x5`],
    ['GET', `${pods}/a/log?tailLines=`],
    ['GET', `${pods}/a/log?limitBytes=1e3`],
    ['DELETE', `${pods}?gracePeriodSeconds=`],
  ] as const)('is read one way wherever it stands: %s %s is refused', async (method, url) => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('a', { nodeName: 'n' }) })
    expect((await json(method, url)).code).toBe(400)
  })

  it('is what Go takes for one', () => {
    const read = (text: string) => queryNumber(new URLSearchParams(text), 'n', 0)
    expect([read(''), read('n=0'), read('n=007'), read('n=%2B5')]).toEqual([undefined, 0, 7, 5])
    expect(() => read('n=-1')).toThrow('n: Invalid value: "-1": must be greater than or equal to 0')
    expect(() => read(`n=${'9'.repeat(30)}`)).toThrow(`strconv.ParseInt: parsing "${'9'.repeat(30)}": value out of range`)
  })
})
