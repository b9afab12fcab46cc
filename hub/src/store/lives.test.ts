import { describe, expect, it } from 'vitest'
import { historyFor, type Lives, livesIn, maxEndedLives, withLife } from './lives.ts'

/** Lives that begin behind these revisions, one after the other. */
const livesOf = (begins: Readonly<Record<string, number>>): Lives => {
  let lives: Lives | undefined
  for (const [life, revision] of Object.entries(begins)) lives = withLife(lives, life, revision)
  if (lives === undefined) throw new Error('name one at least')
  return lives
}

const sharedIn = (lives: Lives, life: string) => historyFor(lives, [{ life }]).shared

describe('the lives of a log', () => {
  const lives = [{ life: 'C' }, { life: 'B', to: 100 }, { life: 'A', to: 100 }]
  it.each([
    ['of a reader that heard nothing yet nothing is said', [], undefined],
    ['all of the life that goes on happened here', [{ life: 'C' }, { life: 'B', to: 100 }], undefined],
    ['an ended one happened here up to its last revision', [{ life: 'A' }], 100],
    ['one that told nothing happened here up to where it began', [{ life: 'B' }], 100],
    ['one that nobody knows did not happen here', [{ life: 'X' }], 0],
    ['what is known from before it did, up to where it had begun', [{ life: 'X' }, { life: 'A', to: 70 }], 70],
    ['and no further than it did here', [{ life: 'X' }, { life: 'Y', to: 150 }, { life: 'A', to: 130 }], 100],
  ])('%s', (_, known, shared) => {
    expect(historyFor(livesOf({ A: 0, B: 100, C: 100 }), known)).toEqual({ lives, ...(shared !== undefined && { shared }) })
  })

  it('of a file that was put back those are known that were when it was copied, up to there', () => {
    const backup = livesOf({ A: 0 })
    const wentOn = withLife(withLife(backup, 'B', 120), 'C', 150)
    const putBack = withLife(backup, 'R', 100)
    expect(sharedIn(wentOn, 'A')).toBe(120)
    expect(['A', 'B', 'C'].map((known) => sharedIn(putBack, known))).toEqual([100, 0, 0])
    const { lives: told = [] } = historyFor(wentOn, [])
    expect(historyFor(putBack, told).shared).toBe(100)
  })

  it('are told as far as a reader can name them, the newest first', () => {
    let lives = livesOf({ 'life-0': 0 })
    for (let start = 1; start <= 20; start++) lives = withLife(lives, `life-${start}`, start)
    const { lives: told = [] } = historyFor(lives, [])
    expect(told.map(({ life }) => life)).toEqual([20, 19, 18, 17, 16, 15, 14, 13].map((start) => `life-${start}`))
    expect(told[1]).toEqual({ life: 'life-19', to: 20 })
  })

  it('are so many at most, and of a hub that starts over and over the long ones stay', () => {
    let lives = livesOf({ first: 0, long: 10, short: 5000 })
    for (let start = 1; start <= 2 * maxEndedLives; start++) lives = withLife(lives, `loop-${start}`, 5000 + 2 * start)
    expect(lives.ended).toHaveLength(maxEndedLives)
    expect(sharedIn(lives, 'long')).toBe(5000)
    expect(sharedIn(lives, 'first')).toBe(10)
    const last = 2 * maxEndedLives - 1
    expect(sharedIn(lives, `loop-${last}`)).toBe(5000 + 2 * (last + 1))
    // Forgotten: what is not known to have happened here has not.
    expect(sharedIn(lives, 'short')).toBe(0)
    expect(JSON.stringify(lives).length).toBeLessThan(32 * 1024)
  })

  it('are read as they were written, and nothing that is damaged is taken for some', () => {
    const lives = livesOf({ A: 0, B: 7 })
    expect(livesIn({ value: JSON.stringify(lives) })).toEqual(lives)
    for (const value of ['', '12', '{}', '{"ended":[{}],"now":{"life":"A","from":0}}', '{"ended":[],"now":{"life":7}}'])
      expect(livesIn({ value })).toBeUndefined()
    expect(livesIn(undefined)).toBeUndefined()
  })
})
