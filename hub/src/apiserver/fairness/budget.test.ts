import type { Account, User } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { overLoopback } from '../authz/hub-parts.ts'
import { accountOf } from '../authn/client-certificate.ts'
import { createBudget } from './budget.ts'
import { admin, configMap, createTestApi, nodeUser } from '../testing/api.ts'

const at = () => {
  let ms = 0
  return { now: () => ms, monotonic: () => ms, pass: (by: number) => (ms += by) }
}
const node = (name: string): Account => ({ of: 'nodes', name })
const administrator: Account = { of: 'administrators', name: 'anne' }
const entered = (budget: ReturnType<typeof createBudget>, account: Account, times: number): number => {
  let places = 0
  for (let index = 0; index < times; index++) {
    try {
      budget.enter(account)
      places++
    } catch (error) {
      expect(error).toMatchObject({ reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } })
    }
  }
  return places
}

describe('the budget of an identity', () => {
  it('no node can hold all places, however many nodes do; the next still gets one, the administrator and the hub all of theirs', () => {
    const budget = createBudget({ clock: at(), maxInFlight: 100 })
    expect(entered(budget, node('evil-1'), 500)).toBe(50)
    expect(entered(budget, node('evil-2'), 500)).toBe(25)
    expect(entered(budget, node('evil-3'), 500)).toBe(12)
    expect(entered(budget, node('pi-1'), 1)).toBe(1)
    expect(entered(budget, administrator, 500)).toBe(100)
    expect(entered(budget, { of: 'hub', name: 'system:kube-scheduler' }, 500)).toBe(500)
  })

  it('hundreds of lists that a program of the administrator asks for at once wait for their room, and none of another program waits for them', async () => {
    const budget = createBudget({ clock: at() })
    const until = new AbortController()
    const mebi = 1024 * 1024
    const dashboard = accountOf(admin, 'dashboard/1.0')
    const lists = Array.from({ length: 500 }, () => budget.waitToAnswer(dashboard, mebi, until))
    expect((await lists[0]) !== undefined).toBe(true)
    expect((await budget.waitToAnswer(accountOf(admin, 'kubectl/v1.35.0'), mebi, until)) !== undefined).toBe(true)
    for (const list of lists) (await list)?.()
    expect((await Promise.all(lists)).filter((leave) => leave === undefined)).toEqual([])
    // Anybody else has one account, whatever his programs are called.
    const anne = { name: 'anne', groups: ['system:authenticated'] }
    expect(accountOf(anne, 'a')).toEqual(accountOf(anne, 'b'))
    expect(accountOf(nodeUser('n'), 'a')).toEqual(accountOf(nodeUser('n'), 'b'))
  })

  it('a place that is given back is given again, and only once', () => {
    const budget = createBudget({ clock: at(), maxInFlight: 2 })
    const leave = budget.enter(node('a'))
    expect(entered(budget, node('a'), 1)).toBe(0)
    leave()
    leave()
    expect(entered(budget, node('a'), 2)).toBe(1)
  })

  it('who finds no place stands in line for one', async () => {
    const budget = createBudget({ clock: at(), maxInFlight: 3 })
    const until = new AbortController()
    const leave = await budget.waitToEnter(node('a'), until)
    await budget.waitToEnter(node('b'), until)
    const came: string[] = []
    const come = async (name: string, by = until) => {
      try {
        await budget.waitToEnter(node(name), by)
        came.push(name)
      } catch {
        came.push(`not ${name}`)
      }
    }
    const impatient = new AbortController()
    const all = [come('c', impatient), come('d'), come('e')]
    impatient.abort()
    await all[0]
    expect(came).toEqual(['not c'])
    leave()
    await all[1]
    expect(came).toEqual(['not c', 'd'])
    until.abort()
    await all[2]
  })

  it('nobody is asked for a signal for whom there is room: to make one costs more than the place', async () => {
    const budget = createBudget({ clock: at(), maxInFlight: 2 })
    const until = {
      get signal(): AbortSignal {
        throw new Error('asked')
      },
    }
    await budget.waitToEnter(node('a'), until)
    expect(await budget.waitForBody(node('a'), 1024, until)).toBe(true)
    expect(() => budget.waitToEnter(node('b'), until)).toThrow('asked')
  })

  it('a node asks so often in a second, others are not counted', () => {
    const clock = at()
    const budget = createBudget({ clock })
    const asked = (account: Account) => {
      let times = 0
      for (; times < 5000; times++) {
        try {
          budget.enter(account)()
        } catch {
          break
        }
      }
      return times
    }
    expect(asked(node('a'))).toBe(1200)
    clock.pass(1000)
    expect(asked(node('a'))).toBe(200)
    expect(asked(node('b'))).toBe(1200)
    expect(asked(administrator)).toBe(5000)
  })

  it('bodies, watches and what waits for watchers are bounded for one, and leave room for others', () => {
    const budget = createBudget({ clock: at() })
    const evil = node('evil')
    const mebi = 1024 * 1024
    const taken = (take: () => boolean) => Array.from({ length: 100 }, take).filter(Boolean).length
    expect(taken(() => budget.takeBody(evil, 4 * mebi))).toBe(2)
    expect(taken(() => budget.takeBody(node('pi-1'), 3 * mebi))).toBe(2)
    budget.giveBackBody(evil, 8 * mebi)
    expect(budget.takeBody(evil, 4 * mebi)).toBe(true)
    expect(taken(() => budget.takeBacklog(evil, mebi))).toBe(16)
    expect(budget.takeBacklog(node('pi-1'), mebi)).toBe(true)
    const close = budget.openWatch(evil)
    for (let index = 1; index < 1024; index++) budget.openWatch(evil)
    expect(() => budget.openWatch(evil)).toThrow(/as many watches open/)
    close()
    budget.openWatch(evil)
  })

  it('who has as many connections to pods as it may have gets no more, and others do', () => {
    const evil = node('evil')
    const budget = createBudget({ clock: at() })
    const end = budget.openStream(evil)
    for (let index = 1; index < 64; index++) budget.openStream(evil)
    expect(() => budget.openStream(evil)).toThrow(/as many connections to pods open/)
    budget.openStream(node('pi-1'))
    end()
    budget.openStream(evil)
  })

  it('who has half of the streams of a node gets no more of that one, the administrator neither, and others do', () => {
    const budget = createBudget({ clock: at() })
    const admin = { name: 'admin', of: 'administrators' } as const
    const ends = Array.from({ length: 32 }, () => budget.openStreamTo(admin, 'pi-1'))
    expect(() => budget.openStreamTo(admin, 'pi-1')).toThrow('admin has 32 streams of node pi-1 open, as many as one may have at once')
    budget.openStreamTo(admin, 'pi-2')
    budget.openStreamTo(node('other'), 'pi-1')
    ends[0]?.()
    ends[0]?.()
    budget.openStreamTo(admin, 'pi-1')
    expect(() => budget.openStreamTo(admin, 'pi-1')).toThrow('at once')
  })

  it('the Events of a node are bounded in number and bytes by the hour', () => {
    const clock = at()
    const budget = createBudget({ clock })
    const stored = (bytes: number) => {
      let number = 0
      for (; number < 5000; number++) {
        try {
          budget.storeEvent('a', bytes)
        } catch {
          break
        }
      }
      return number
    }
    expect(stored(100)).toBe(1500)
    clock.pass(3_600_000)
    expect(stored(8192)).toBe(128)
  })
})

describe('the apiserver under one that floods', () => {
  const url = '/api/v1/namespaces/default/configmaps'

  it('who asks over a network has the limits of its door, under whatever name; who asks over the loopback has none', async () => {
    const { json } = await createTestApi({ maxInFlight: 2 })
    const user: User = { name: 'system:kube-scheduler', groups: ['system:authenticated'] }
    const refused = async (who: object) =>
      (await Promise.all(Array.from({ length: 100 }, () => json('GET', '/api/v1/pods', who)))).filter(({ code }) => code === 429)
    // One is answered and 64 stand in line.
    expect(await refused({ user })).toHaveLength(35)
    expect(await refused({ caller: overLoopback(user) })).toEqual([])
  })

  it('what many ask at once is begun one after the other, and who comes later does not wait for all of it', async () => {
    let ms = 0
    // Every look at the clock is a millisecond: work that takes time, without taking it.
    const { json } = await createTestApi({ clock: { now: () => Date.now(), monotonic: () => ms++ } })
    await json('POST', url, { body: configMap('a') })
    const order: string[] = []
    // Both ask the same: what is quick to answer would come first in any order.
    const ask = (node: string, name: string) => json('GET', '/api/v1/nodes', { user: nodeUser(node) }).then(() => order.push(name))
    const flood = Array.from({ length: 60 }, (_, index) => ask('evil', `evil-${index}`))
    const other = ask('honest', 'other')
    await Promise.all([...flood, other])
    expect(order.indexOf('other')).toBeLessThan(30)
    expect(order).toHaveLength(61)
  })

  it('an Event of a node has bounds as Kubernetes sets them, and those of others have none', async () => {
    const { json } = await createTestApi()
    const event = (name: string, more: object) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
      ...more,
    })
    const post = (body: object, user: User) => json('POST', '/api/v1/namespaces/default/events', { body, user })
    expect((await post(event('a', { message: 'x'.repeat(1024) }), nodeUser('pi-1'))).code).toBe(201)
    const long = await post(event('b', { message: 'x'.repeat(1025) }), nodeUser('pi-1'))
    expect(long).toMatchObject({ code: 422, body: { reason: 'Invalid' } })
    expect(long.body.message).toContain('message: Invalid value')
    expect((await post(event('b', { reason: 'x'.repeat(129) }), nodeUser('pi-1'))).code).toBe(422)
    const fat = { ...event('c', {}), metadata: { name: 'c', annotations: { filler: 'x'.repeat(200_000) } } }
    expect((await post(fat, nodeUser('pi-1'))).code).toBe(422)
    expect((await post(event('d', { message: 'x'.repeat(10_000) }), admin)).code).toBe(201)
  })

  it('a watcher that does not read is ended by the bytes that wait for it, and gives them back', async () => {
    const { json, ask } = await createTestApi()
    const stop = new AbortController()
    const first = await ask('GET', `/api/v1/services?watch=true`, { user: nodeUser('evil'), signal: stop.signal })
    expect(first.status).toBe(200)
    const service = (index: number) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `s${index}`, annotations: { filler: 'x'.repeat(250_000) } },
      spec: { clusterIP: 'None', ports: [{ port: 80 }] },
    })
    for (let index = 0; index < 80; index++)
      expect((await json('POST', '/api/v1/namespaces/default/services', { body: service(index) })).code).toBe(201)
    if (first.type !== 'events') throw new Error('expected a watch')
    let read = 0
    for await (const _ of first.events) read++
    expect(read).toBeGreaterThan(50)
    expect(read).toBeLessThan(70)
    stop.abort()
  })
})
