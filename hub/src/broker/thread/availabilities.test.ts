import { expect, it } from 'vitest'
import { createAvailabilities } from './availabilities.ts'

const topic = (fleet: string, node = 'pi-1') => `bramble/${fleet}/node/${node}/availability`

it('a node that comes back under ever new fleets leaves one retained message', () => {
  const retained = new Set<string>()
  const availabilities = createAvailabilities((gone) => retained.delete(gone))
  for (let index = 0; index < 1000; index++) {
    const now = topic(`fleet-${index}`)
    availabilities.claim(now)
    retained.add(now)
    // The wills of the connections before come late.
    for (const before of [topic(`fleet-${index - 1}`), topic(`fleet-${index - 2}`)])
      if (availabilities.mayWill(before)) retained.add(before)
  }
  expect([...retained]).toEqual([topic('fleet-999')])
})

it('the will of a node that has said nothing is its word, and nodes are apart', () => {
  const gone: string[] = []
  const { claim, mayWill } = createAvailabilities((each) => gone.push(each))
  expect([mayWill(topic('a')), mayWill(topic('a')), mayWill(topic('b')), mayWill(topic('b', 'pi-2')), mayWill('x')]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ])
  claim(topic('a'))
  claim(topic('a'))
  expect(gone).toEqual([])
  claim(topic('c'))
  expect(gone).toEqual([topic('a')])
})
