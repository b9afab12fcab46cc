import { expect, it } from 'vitest'
import { createPlaces } from './places.ts'

const setUp = () => {
  const ended: string[] = []
  const strangers = createPlaces({ ofOne: 2, inAll: 4 })
  const enter = (address: string, name: string) => {
    const stranger = { of: address, end: () => void ended.push(name) }
    strangers.enter(stranger)
    return stranger
  }
  return { strangers, enter, ended }
}

it('a flood of one address costs that address its oldest places, also when an honest board comes from there', () => {
  const { enter, ended, strangers } = setUp()
  for (const name of ['a', 'b', 'c', 'honest']) enter('1', name)
  expect(ended).toEqual(['a', 'b'])
  expect(strangers.count).toBe(2)
})

it('when all places are taken, the address with most of them gives one', () => {
  const { enter, ended } = setUp()
  enter('1', 'a')
  enter('2', 'b')
  enter('2', 'c')
  enter('3', 'd')
  enter('4', 'e')
  expect(ended).toEqual(['b'])
})

it('who is known by now, or gone, holds no place and is not ended', () => {
  const { enter, ended, strangers } = setUp()
  const known = enter('1', 'known')
  strangers.leave(known)
  strangers.leave(known)
  for (const name of ['a', 'b', 'c']) enter('1', name)
  expect(ended).toEqual(['a'])
})
