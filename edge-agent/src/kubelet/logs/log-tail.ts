import { openRegular } from '../../host/held-folder.ts'

const blockBytes = 64 * 1024

/** Where the last `lines` lines of a log begin, which may have been rotated into several files (oldest first). Reads from the end only. */
export async function startOfTail(files: readonly string[], lines: number): Promise<{ readonly file: number; readonly offset: number }> {
  let missing = lines
  let isEnd = true
  for (let file = files.length - 1; file >= 0; file--) {
    const found = await findFromEnd(files[file] as string, missing, { isEnd }) // within bounds
    if (!found.isEmpty) isEnd = false
    if (found.offset > 0 || missing === 0 || file === 0) return { file, offset: found.offset }
    missing -= found.lines
    if (missing <= 0) return { file, offset: found.offset }
  }
  return { file: 0, offset: 0 }
}

type Found = { readonly offset: number; readonly lines: number; readonly isEmpty: boolean }

/**
 * The offset of the last so many lines, or 0 and how many there are. A long line in several parts counts once, by its last part; the very
 * end of the log may be a part that nothing completes: the container ended without a newline.
 */
async function findFromEnd(path: string, lines: number, { isEnd }: { readonly isEnd: boolean }): Promise<Found> {
  const handle = await openRegular(path)
  if (!handle) return { offset: 0, lines: 0, isEmpty: true }
  try {
    const { size } = await handle.stat()
    if (lines <= 0) return { offset: size, lines: 0, isEmpty: size === 0 }
    let end = size
    let rest: Buffer = Buffer.alloc(0)
    let count = 0
    let isUnfinished = isEnd
    // Where the line that was found last begins; a part before it belongs to it.
    let begin = size
    while (end > 0) {
      const from = Math.max(0, end - blockBytes)
      const { buffer } = await handle.read(Buffer.alloc(end - from), 0, end - from, from)
      const data = Buffer.concat([buffer, rest])
      let stop = data.length
      for (;;) {
        if (stop <= 0) break
        const newline = stop >= 2 ? data.lastIndexOf(10, stop - 2) : -1
        if (newline === -1 && from > 0) break
        const text = data.subarray(newline + 1, stop)
        const isWhole = text.at(-1) === 10
        if (isWhole && (!isPart(text) || isUnfinished)) {
          if (count === lines) return { offset: begin, lines: count, isEmpty: false }
          count++
        }
        if (isWhole) isUnfinished = false
        begin = from + newline + 1
        stop = newline + 1
      }
      rest = data.subarray(0, stop)
      end = from
    }
    return { offset: 0, lines: count, isEmpty: size === 0 }
  } finally {
    await handle.close()
  }
}

// `<time> <stream> P <text>`
function isPart(line: Buffer): boolean {
  const second = line.indexOf(32, line.indexOf(32) + 1)
  const third = line.indexOf(32, second + 1)
  return third - second === 2 && line[second + 1] === 'P'.charCodeAt(0)
}
