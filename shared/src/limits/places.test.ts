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

it('whoever has not begun anything gives way before those who have', () => {
  const ended: string[] = []
  const places = createPlaces({ ofOne: 4, inAll: 100 })
  const enter = (name: string, isUnderWay: boolean) =>
    places.enter({ of: '1', end: () => void ended.push(name), isUnderWay: () => isUnderWay })
  for (const name of ['a', 'b']) enter(name, true)
  for (const name of ['silent 1', 'silent 2', 'silent 3']) enter(name, false)
  for (const name of ['c', 'd']) enter(name, true)
  expect(ended).toEqual(['silent 1', 'silent 2', 'silent 3'])
})

it('when all have begun, the first half is left to finish, and the newest still gets in', () => {
  const ended: string[] = []
  const places = createPlaces({ ofOne: 4, inAll: 100 })
  const enter = (name: string) => {
    const guest = { of: '1', end: () => void ended.push(name), isUnderWay: () => true }
    places.enter(guest)
    return guest
  }
  const first = enter('a')
  for (const name of ['b', 'c', 'd', 'e', 'f']) enter(name)
  expect(ended).toEqual(['c', 'd'])
  places.leave(first)
  for (const name of ['g', 'h']) enter(name)
  expect(ended).toEqual(['c', 'd', 'f'])
})
