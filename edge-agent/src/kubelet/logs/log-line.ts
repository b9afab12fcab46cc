/**
 * One line of a CRI log file: `2026-01-02T03:04:05.678901234Z stdout F the text`. `P` is a part of a longer line. The text is what the
 * container wrote, in bytes: they need not be UTF-8, and a part may end in the middle of a character.
 */
export type LogLine = { readonly time: string; readonly stream: 'stdout' | 'stderr'; readonly isPartial: boolean; readonly text: Buffer }

const space = 32
// Time, stream and tags are short; whatever is longer is no line of a runtime's.
const maxHeadBytes = 200

/** A line without its newline. Undefined for what is no such line (a cut-off end after a power loss). */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const afterTime = line.indexOf(space)
  if (afterTime <= 0 || afterTime > maxHeadBytes) return undefined
  const afterStream = line.indexOf(space, afterTime + 1)
  if (afterStream === -1 || afterStream - afterTime > maxHeadBytes) return undefined
  const stream = line.toString('latin1', afterTime + 1, afterStream)
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const third = line.indexOf(space, afterStream + 1)
  const afterTags = third === -1 ? line.length : third
  if (afterTags === afterStream + 1) return undefined
  const isPartial = line[afterStream + 1] === 80 && (afterTags === afterStream + 2 || line[afterStream + 2] === 58) // 'P' or 'P:…'
  return { time: line.toString('latin1', 0, afterTime), stream, isPartial, text: line.subarray(afterTags + 1) }
}
