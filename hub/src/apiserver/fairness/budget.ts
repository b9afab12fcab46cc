import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Until } from '@bramble/shared/async/until.ts'
import { createAllowance } from '@bramble/shared/limits/allowance.ts'
import type { Account } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { maxStreams } from '@bramble/shared/frames/limits.ts'
import { createPlaces } from './places.ts'
import { createShares, type Shares } from './shares.ts'
import { createLine } from './shares-line.ts'
import { createTurns } from './turns.ts'

/**
 * What each identity may use of the hub, whichever door it comes through: a node's frames and its HTTPS requests take from the same.
 * Everybody but the administrator and the hub's own parts shares; the administrator has a part that nobody else can take, and the
 * hub's own parts, which are few, take from nothing. Who is which is settled by the door and stands in the account.
 *
 * Each refusal is a 429 that says when to come back. Connections, frames and subscriptions are bounded where they arrive, in the broker.
 */
export type Budget = {
  /** A place among the requests being answered; the function gives it back. */
  enter(account: Account): () => void
  /** The same, as soon as there is one: a whole fleet asks at once, or a program that runs away, and who is refused asks again. */
  waitToEnter(account: Account, until: Until): (() => void) | Promise<() => void>
  /** For what only waits once it has begun: no place, but it counts as asking. */
  knock(account: Account): void
  /** When it may begin; undefined is now. */
  turn(account: Account): Promise<void> | undefined
  takeBody(account: Account, bytes: number): boolean
  /** The same, as soon as there is room; false when there is none for long. */
  waitForBody(account: Account, bytes: number, until: Until): boolean | Promise<boolean>
  giveBackBody(account: Account, bytes: number): void
  /**
   * Room for an answer until its reader has it: of a small one at once, of a large one as soon as there is some; false when there is none for
   * long. The function gives it back.
   */
  waitToAnswer(account: Account, bytes: number, until: Until): Promise<(() => void) | undefined>
  /** A watch that stays open; the function ends it. */
  openWatch(account: Account): () => void
  /** A connection to a pod that stays open; the function ends it. */
  openStream(account: Account): () => void
  /** A stream of a node, of which that serves few; the function gives it back. */
  openStreamTo(account: Account, node: string): () => void
  /** Events that wait for a watcher; false when it must be ended, and resumes. */
  takeBacklog(account: Account, bytes: number): boolean
  giveBackBacklog(account: Account, bytes: number): void
  /** An Event of a node that will be kept for its hour. */
  storeEvent(node: string, bytes: number): void
}

export type BudgetDeps = { readonly clock: Clock; readonly maxInFlight?: number }

const mebi = 1024 * 1024

// Two cores answer a few thousand requests a second; what waits here costs memory and helps nobody.
const defaultInFlight = 400
/** An agent asks for at most 48 things at once. */
const inFlightOfOne = 64
/** An agent gives a call 5 s at least, and most of them 30. */
const placeWaitMs = 10_000
/** A few hundred lists at once are a careless program of the house, which is to wait and not to be turned away. */
const administratorsLine = 512
/** A kubelet asks 50 times a second, in bursts of 100. Five hundred ConfigMaps after a restart are a list and a watch each. */
const requestsPerSecond = 200
const requestBurst = 1200
/** A few of the largest bodies at once, or thousands of ordinary ones. */
const bodyBytes = 32 * mebi
const bodyBytesOfOne = 8 * mebi
/** Those before it are parsed in less; a client waits 30 s or so. */
const bodyWaitMs = 10_000
/** What those who do not read leave standing: lists of a store that has changed since, and thousands of small answers. */
const answerBytes = 32 * mebi
const answerBytesOfOne = 8 * mebi
/** Shorter ones have a room of their own, so that a health check or a get does not wait behind lists. */
const smallAnswer = 64 * 1024
/** A node with 250 pods that name two objects each has half of it. */
const watchesOfOne = 1024
// Ten thousand agents follow four resources each, and some of them what their pods name.
const watches = 64 * watchesOfOne
/** Connections to pods: a program that opens them and forgets them fills a node's places, of which there are few, and not the hub's memory. */
const streamsOfOne = 64
const streams = 16 * streamsOfOne
/** Of those that a node serves, also for the administrator: half, so that nobody's forwarded ports shut out a look at a log. */
const streamsToNode = maxStreams / 2
/** A batch of the store has 4 MiB, and what is not read stays until it is. */
const backlogBytesOfOne = 16 * mebi
const backlogBytes = 64 * mebi
/** Events live for an hour: a node has 1,500 ordinary ones at a time, and a thousand nodes on a bad day do not fill the memory. */
const eventBytes = 1 * mebi
const eventsBurst = 1500
const hourSeconds = 3600

export function createBudget({ clock, maxInFlight = defaultInFlight }: BudgetDeps): Budget {
  const shared = {
    inFlight: createLine(createShares(maxInFlight, inFlightOfOne), { waitMs: placeWaitMs }),
    bodies: createLine(createShares(bodyBytes, bodyBytesOfOne), { waitMs: bodyWaitMs }),
    answers: createLine(createShares(answerBytes, answerBytesOfOne), { waitMs: bodyWaitMs }),
    smallAnswers: createShares(answerBytes, answerBytesOfOne),
    watches: createShares(watches, watchesOfOne),
    streams: createShares(streams, streamsOfOne),
    backlog: createShares(backlogBytes, backlogBytesOfOne),
  }
  // One asker in shares of twice the size may take it all.
  const administrator: typeof shared = {
    inFlight: createLine(createShares(2 * maxInFlight, maxInFlight), { waitMs: placeWaitMs, ofOne: administratorsLine }),
    bodies: createLine(createShares(2 * bodyBytes, bodyBytes), { waitMs: bodyWaitMs }),
    answers: createLine(createShares(2 * answerBytes, answerBytes), { waitMs: bodyWaitMs, ofOne: administratorsLine }),
    smallAnswers: createShares(2 * answerBytes, answerBytes),
    watches: createShares(2 * watches, watches),
    streams: createShares(2 * streams, streams),
    backlog: createShares(2 * backlogBytes, backlogBytes),
  }
  const of = (account: Account) => (account.of === 'administrators' ? administrator : shared)
  const rate = createAllowance({ clock, burst: requestBurst, perSecond: requestsPerSecond })
  const eventNumber = createAllowance({ clock, burst: eventsBurst, perSecond: eventsBurst / hourSeconds })
  const eventSize = createAllowance({ clock, burst: eventBytes, perSecond: eventBytes / hourSeconds })
  const turns = createTurns(clock)
  const toNodes = createPlaces(streamsToNode)

  const give = (shares: Pick<Shares, 'giveBack'>, account: Account) => once(() => shares.giveBack(account.name, 1))
  const noPlace = (account: Account) =>
    tooMany(
      `the hub is answering ${of(account).inFlight.taken} requests already, and as many of ${account.name} as it may have: please try again`,
    )
  const knock = (account: Account) => {
    if (account.of !== 'nodes') return
    if (!rate.take(account.name)) throw tooMany(`${account.name} asks more than ${requestsPerSecond} times a second`)
  }

  return {
    knock,
    enter(account) {
      if (account.of === 'hub') return () => {}
      knock(account)
      if (!of(account).inFlight.take(account.name, 1)) throw noPlace(account)
      return give(of(account).inFlight, account)
    },
    waitToEnter(account, until) {
      if (account.of === 'hub') return () => {}
      knock(account)
      const entered = (isIn: boolean) => {
        if (!isIn) throw noPlace(account)
        return give(of(account).inFlight, account)
      }
      const isIn = of(account).inFlight.wait(account.name, 1, until)
      return typeof isIn === 'boolean' ? entered(isIn) : isIn.then(entered)
    },
    turn: (account) => (account.of === 'hub' ? undefined : turns.wait(account.of, account.name)),
    takeBody: (account, bytes) => of(account).bodies.take(account.name, bytes),
    waitForBody: (account, bytes, until) => of(account).bodies.wait(account.name, bytes, until),
    giveBackBody: (account, bytes) => of(account).bodies.giveBack(account.name, bytes),
    async waitToAnswer(account, bytes, until) {
      if (account.of === 'hub') return () => {}
      const { answers, smallAnswers } = of(account)
      if (bytes <= smallAnswer)
        return smallAnswers.take(account.name, bytes) ? once(() => smallAnswers.giveBack(account.name, bytes)) : undefined
      // Four at a time of one, however large: what is sent as it is read costs less than its size.
      const amount = Math.min(bytes, (account.of === 'administrators' ? answerBytes : answerBytesOfOne) / 4)
      return (await answers.wait(account.name, amount, until)) ? once(() => answers.giveBack(account.name, amount)) : undefined
    },
    openWatch(account) {
      if (account.of === 'hub') return () => {}
      const { watches: open } = of(account)
      if (!open.take(account.name, 1)) throw tooMany(`${account.name} has as many watches open as it may have`)
      return give(open, account)
    },
    openStream(account) {
      if (account.of === 'hub') return () => {}
      const { streams: open } = of(account)
      if (!open.take(account.name, 1)) throw tooMany(`${account.name} has as many connections to pods open as it may have`)
      return give(open, account)
    },
    openStreamTo(account, node) {
      if (account.of === 'hub') return () => {}
      const leave = toNodes.take(`${node} ${account.name}`)
      if (leave !== undefined) return leave
      throw tooMany(`${account.name} has ${streamsToNode} streams of node ${node} open, as many as one may have at once: close some first`)
    },
    takeBacklog: (account, bytes) => account.of === 'hub' || of(account).backlog.take(account.name, bytes),
    giveBackBacklog(account, bytes) {
      if (account.of !== 'hub') of(account).backlog.giveBack(account.name, bytes)
    },
    storeEvent(node, bytes) {
      if (!eventNumber.take(node) || !eventSize.take(node, bytes))
        throw tooMany(`node ${node} has as many Events as are kept of one: ${eventsBurst} or ${eventBytes} bytes an hour`, 60)
    },
  }
}

const once = (act: () => void): (() => void) => {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}

const tooMany = (message: string, retryAfterSeconds = 1) => new ApiError('TooManyRequests', message, { retryAfterSeconds })
