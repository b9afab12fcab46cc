/** One line of a CRI log file: `2026-01-02T03:04:05.678901234Z stdout F the text`. `P` is a part of a longer line. */
export type LogLine = { readonly time: string; readonly stream: 'stdout' | 'stderr'; readonly isPartial: boolean; readonly text: string }

/** Undefined for what is no such line (a cut-off end after a power loss). `text` ends with a newline unless it is a part. */
export function parseLogLine(line: string): LogLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([^ ]+) ?/.exec(line)
  if (!match) return undefined
  const [head, time = '', stream, tags = ''] = match
  const isPartial = tags.split(':')[0] === 'P'
  return { time, stream: stream as LogLine['stream'], isPartial, text: line.slice(head.length) + (isPartial ? '' : '\n') }
}
