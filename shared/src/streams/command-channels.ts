import { type CommandStreams, channels } from './node-stream.ts'

type Channel = keyof typeof channels

/** By the numbers of `channels`, in its order: what a command hears of its caller. */
export const inputsOf = ({ stdin, tty }: CommandStreams): readonly number[] => numbersOf({ stdin, resize: tty })

/** And what it says. A terminal has one output. */
export const outputsOf = ({ stdout, stderr, tty }: CommandStreams): readonly number[] => numbersOf({ stdout, stderr: stderr && !tty })

/** What Kubernetes calls a channel. */
export const channelNamed = (number: number): Channel => names.find((name) => channels[name] === number) as Channel // each has one

const names = Object.keys(channels) as Channel[] // it has no others

const numbersOf = (isUsed: Readonly<Partial<Record<Channel, boolean>>>): readonly number[] =>
  names.flatMap((name) => (isUsed[name] === true ? [channels[name]] : []))
