import { expect, test } from 'vitest'
import { createRefusals, culpritsAmong, unitsOf } from './culprits.ts'

const numbers = Array.from({ length: 1_000 }, (_, index) => index)

test.each<[string, readonly number[]]>([
  ['none', []],
  ['one', [613]],
  ['the first and the last', [0, 999]],
  ['neighbours', [499, 500]],
])('culprits are found by halving: %s', async (_name, bad) => {
  let runs = 0
  const found = await culpritsAmong(numbers, async (some) => {
    runs += 1
    return !some.some((each) => bad.includes(each))
  })
  expect(found).toEqual(bad)
  expect(runs).toBeLessThan(60)
})

test('two that are only together too much cost one of them', async () => {
  expect(await culpritsAmong(numbers, async (some) => !(some.includes(1) && some.includes(900)))).toEqual([900])
})

test("what is refused even without all of them is nobody's fault", async () => {
  expect(await culpritsAmong(numbers, async () => false)).toEqual([])
})

test('a thousand culprits are not told apart one by one', async () => {
  let runs = 0
  const found = await culpritsAmong(numbers, async (some) => {
    runs += 1
    return some.length === 0
  })
  expect(found).toHaveLength(1_000)
  expect(runs).toBeLessThan(200)
})

test('what was refused is not tried again until it changes, goes, or some minutes have passed', () => {
  let now = 0
  const refusals = createRefusals(() => now)
  const pod = (uid: string, ip: string) => ({ uid, ip, ready: true, hostPorts: [] })
  const of = (...pods: ReturnType<typeof pod>[]) => unitsOf([], pods)
  const keys = (units: ReturnType<typeof of>) => refusals.without(units).map(({ key }) => key)
  refusals.add(of(pod('a', '1')))
  expect(keys(of(pod('a', '1'), pod('b', '1')))).toEqual(['pod/b'])
  expect(refusals.list()).toEqual(['host ports of pod a'])
  expect(keys(of(pod('a', '2'), pod('b', '1')))).toEqual(['pod/a', 'pod/b'])
  refusals.add(of(pod('a', '2')))
  expect(keys(of(pod('b', '1')))).toEqual(['pod/b'])
  expect(refusals.list()).toEqual([])
  refusals.add(of(pod('a', '2')))
  now = refusals.nextAt()
  expect(keys(of(pod('a', '2')))).toEqual(['pod/a'])
})
