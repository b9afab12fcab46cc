import type { ContainerStatus } from '../../cri/cri.ts'
import { openRegular } from '../../host/held-folder.ts'
import { parseLogLine } from '../logs/log-line.ts'
import { containerNameLabel, podUidLabel, restartCountAnnotation, terminationMessagePolicyAnnotation } from './labels.ts'
import type { PodPaths } from '../paths.ts'

// Kubernetes: 4096 bytes of the file; of the log the last 2048 bytes or 80 lines.
const maxFileBytes = 4096
const maxLogBytes = 2048
const maxLogLines = 80

export type Ended = Pick<ContainerStatus, 'labels' | 'annotations' | 'logPath' | 'exitCode'>

/**
 * What a container that ended left behind for the user: its termination message file, or the end of its log when it failed and asks
 * for that. The file is the one that we made for it, whatever the container has mounted at the path of its message.
 */
export function lastWordsReader(paths: Pick<PodPaths, 'terminationLog'>) {
  return async function readLastWords({ labels, annotations, logPath, exitCode }: Ended): Promise<string> {
    const restartCount = Number(annotations[restartCountAnnotation] ?? 0)
    const file = paths.terminationLog(labels[podUidLabel] ?? '', labels[containerNameLabel] ?? '', restartCount)
    const words = (await readPart(file, { from: 'start', bytes: maxFileBytes })).toString()
    if (words !== '' || exitCode === 0) return words
    if (annotations[terminationMessagePolicyAnnotation] !== 'FallbackToLogsOnError') return ''
    return logEnd(await readPart(logPath, { from: 'end', bytes: maxLogBytes * 4 }))
  }
}

function logEnd(log: Buffer): string {
  const lines: Buffer[] = []
  for (let at = 0; at < log.length;) {
    const newline = log.indexOf(10, at)
    const parsed = parseLogLine(log.subarray(at, newline === -1 ? log.length : newline))
    if (parsed) lines.push(parsed.text, ...(parsed.isPartial ? [] : [Buffer.from('\n')]))
    at = newline === -1 ? log.length : newline + 1
  }
  // Cut as bytes and decoded once, so that a part of a long line never ends in half a character.
  const all = Buffer.concat(lines)
  const text = all.subarray(startOfLines(all, maxLogLines))
  return text.subarray(Math.max(0, text.length - maxLogBytes)).toString()
}

function startOfLines(text: Buffer, lines: number): number {
  let start = text.length
  for (let count = 0; start > 0; count++) {
    if (count === lines) return start
    start = start < 2 ? 0 : text.lastIndexOf(10, start - 2) + 1
  }
  return 0
}

async function readPart(path: string, { from, bytes }: { readonly from: 'start' | 'end'; readonly bytes: number }): Promise<Buffer> {
  const file = await openRegular(path)
  if (!file) return Buffer.alloc(0)
  try {
    const { size } = await file.stat()
    const length = Math.min(size, bytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from === 'start' ? 0 : size - length)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
