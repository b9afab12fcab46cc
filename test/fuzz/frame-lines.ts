import type { Random } from './random.ts'

/**
 * The frames in a text: one a line, with `\0` before its body. Mostly they are numbered anew, because a reader looks no further than at the
 * first wrong number.
 */
export function renumbered(input: Buffer, first: number, random: Random): Buffer[] {
  const isKept = random.chance(0.1)
  let number = first
  return input
    .toString('latin1')
    .split('\n')
    .slice(0, 20)
    .map((line) => {
      const body = line.indexOf('\0')
      const header = (body < 0 ? line : line.slice(0, body)).replace(/"q":-?\d+/, (found) => (isKept ? found : `"q":${number++}`))
      return Buffer.from(body < 0 ? header : `${header}\n${line.slice(body + 1)}`, 'latin1')
    })
}
