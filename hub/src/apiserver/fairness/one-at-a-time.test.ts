import { nextTurn } from '@bramble/shared/async/turns.ts'
import { expect, it } from 'vitest'
import type { RevisionLog } from '../../store/log.ts'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { configMap, createTestApi } from '../testing/api.ts'
import { createLines } from './one-at-a-time.ts'

const at = '/api/v1/namespaces/default/configmaps'
const merge = 'application/merge-patch+json'
const apply = 'application/apply-patch+yaml'
const open = { signal: new AbortController().signal }
const many = Array.from({ length: 60 }, (_, index) => `k${index}`)

/** A log whose disk takes its time, so that writers of one object meet. */
function disk(): RevisionLog {
  const log = memoryLog()
  const take = log.propose.bind(log)
  const propose: RevisionLog['propose'] = async (proposal) => {
    await nextTurn()
    return take(proposal)
  }
  return Object.assign(log, { propose })
}

it('patches of one object that name no revision are all done, however many come at once', async () => {
  const { json } = await createTestApi({}, disk())
  await json('POST', at, { body: configMap('a') })
  const answers = await Promise.all(many.map((key) => json('PATCH', `${at}/a`, { body: { data: { [key]: 'v' } }, contentType: merge })))
  expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([200]))
  expect(Object.keys((await json('GET', `${at}/a`)).body.data)).toEqual(expect.arrayContaining(many))
})

it('applies of many managers to one object are all done, also those that find it just made', async () => {
  const { json } = await createTestApi({}, disk())
  const answers = await Promise.all(
    many.map((key) =>
      json('PATCH', `${at}/b?fieldManager=${key}`, { body: { ...configMap('b'), data: { [key]: 'v' } }, contentType: apply }),
    ),
  )
  expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([200, 201]))
  expect(Object.keys((await json('GET', `${at}/b`)).body.data)).toHaveLength(many.length)
})

it('a change of what is no longer there is refused, and the next in line goes on', async () => {
  const { json } = await createTestApi({}, disk())
  const { body } = await json('POST', at, { body: configMap('c') })
  const stale = { ...configMap('c'), metadata: { name: 'c', resourceVersion: body.metadata.resourceVersion }, data: { stale: '1' } }
  const answers = await Promise.all(
    many.map((key, index) =>
      index % 2 === 0
        ? json('PUT', `${at}/c`, { body: stale })
        : json('PATCH', `${at}/c`, { body: { data: { [key]: 'v' } }, contentType: merge }),
    ),
  )
  expect(answers.filter(({ code }, index) => index % 2 === 1 && code !== 200)).toEqual([])
  expect(answers.filter(({ code }, index) => index % 2 === 0 && code === 200).length).toBeLessThanOrEqual(1)
})

it('a line is gone with the last who stood in it', async () => {
  const lines = createLines()
  const order: string[] = []
  const first = await lines.enter('a', open)
  const next = async () => {
    const leave = await lines.enter('a', open)
    order.push('second')
    leave()
  }
  const second = next()
  expect(lines.isThere('a')).toBe(true)
  order.push('first')
  first()
  await second
  expect([order, lines.isThere('a')]).toEqual([['first', 'second'], false])
})

it('who is gone waits no longer, and those behind him still have their turns one after the other', async () => {
  const lines = createLines()
  const going = new AbortController()
  const order: string[] = []
  const first = await lines.enter('a', open)
  const gone = lines.enter('a', going)
  const behind = async () => {
    const leave = await lines.enter('a', open)
    order.push('last')
    leave()
  }
  const last = behind()
  going.abort()
  const leaveUnserved = await gone
  leaveUnserved()
  await nextTurn()
  order.push('first')
  first()
  await last
  await expect(lines.enter('a', going)).resolves.toBeTypeOf('function')
  expect(order).toEqual(['first', 'last'])
})

it('who was gone before he came waits for nobody', async () => {
  const lines = createLines()
  await lines.enter('a', open)
  await expect(lines.enter('a', { signal: AbortSignal.abort() })).resolves.toBeTypeOf('function')
})
