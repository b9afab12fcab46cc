import type { Writable } from 'node:stream'

/** What may wait for a reader who does not read: some ten thousand lines. */
const maxWaitingBytes = 1024 * 1024

type Output = Pick<Writable, 'write' | 'writableLength'>

/**
 * Writes lines to a pipe or a terminal whose reader may have stopped: beyond a bound they are lost, and not memory. How many were is told with the first that
 * goes out again.
 */
export function boundedLines(output: () => Output): (line: string) => void {
  let lost = 0
  return (line) => {
    const to = output()
    if (to.writableLength > maxWaitingBytes) {
      lost += 1
      return
    }
    if (lost > 0)
      to.write(`${JSON.stringify({ level: 'warn', message: 'lines of the log were lost: nobody has read them', lines: lost })}\n`)
    lost = 0
    to.write(line)
  }
}
