import * as z from 'zod/mini'

/**
 * The lives that a log has had: each time that it is opened one begins, with a name that chance gives it, and what it tells is of it until the
 * next one begins. A file that was put back from a backup goes on in a life that nobody has heard of, and has those before only as
 * far as they were told by then. So who names the life that it heard last learns up to where what it knows is what happened here.
 */
export type Lives = { readonly ended: readonly EndedLife[]; readonly now: { readonly life: string; readonly from: number } }
/** Its first revision is the one after `from`, its last one is `to`. */
export type EndedLife = { readonly life: string; readonly from: number; readonly to: number }

/** A life as it is told to readers and back; the one that goes on has no last revision. */
export type ToldLife = { readonly life: string; readonly to?: number | undefined }

/** What a reader is told who says which lives it knows. */
export type History = {
  /** That in which revisions are told now and those just before it, the newest first; undefined while the newest is not known for good. */
  readonly lives?: readonly ToldLife[]
  /** What the reader heard happened here up to this revision; all of it when there is none. */
  readonly shared?: number
}

/** So many are told: a copy is mostly made in the last few, and which of them the copy ended in tells what is known from before it. */
const maxToldLives = 8

/** Of those that are forgotten nobody knows any more what was told in them. Each takes some 60 bytes of one entry, which each start writes. */
export const maxEndedLives = 256

/** The lives once a new one begins behind this revision. Beyond their bound those go first that told least, so that a hub that starts over and over ends no long one. */
export function withLife(lives: Lives | undefined, life: string, revision: number): Lives {
  const ended = lives === undefined ? [] : [...lives.ended, { ...lives.now, to: revision }]
  const extra = ended.length - maxEndedLives
  const least = new Set(extra <= 0 ? [] : ended.toSorted((a, b) => spanOf(a) - spanOf(b)).slice(0, extra))
  return { ended: ended.filter((each) => !least.has(each)), now: { life, from: revision } }
}

const spanOf = ({ from, to }: EndedLife): number => to - from

/**
 * `known`: what the reader was told at its last visit, the newest life first. One that is not among ours is of a history that was given up,
 * or forgotten; the newest that both know tells where the two part.
 */
export function historyFor({ ended, now }: Lives, known: readonly ToldLife[]): History {
  const lives = [
    { life: now.life },
    ...ended
      .slice(1 - maxToldLives)
      .map(({ life, to }) => ({ life, to }))
      .toReversed(),
  ]
  if (known.length === 0 || known[0]?.life === now.life) return { lives }
  const ours = new Map(ended.map(({ life, to }) => [life, to]))
  const common = known.find(({ life }) => ours.has(life))
  return { lives, shared: common === undefined ? 0 : Math.min(ours.get(common.life) ?? 0, common.to ?? Infinity) }
}

const revision = z.int().check(z.nonnegative())
const stored = z.object({
  ended: z.array(z.object({ life: z.string(), from: revision, to: revision })),
  now: z.object({ life: z.string(), from: revision }),
})

/** What was stored; undefined when nothing was, or nothing that can be read: then nothing is known, which ends nothing. */
export function livesIn(entry: { readonly value: string } | undefined): Lives | undefined {
  if (entry === undefined) return undefined
  try {
    return stored.parse(JSON.parse(entry.value))
  } catch {
    return undefined
  }
}
