import { open } from 'node:fs/promises'
import type { ContainerStatus } from '../cri/cri.ts'
import { parseLogLine } from './log-line.ts'
import { terminationMessagePathAnnotation, terminationMessagePolicyAnnotation } from './labels.ts'

// Kubernetes: 4096 bytes of the file; of the log the last 2048 bytes or 80 lines.
const maxFileBytes = 4096
const maxLogBytes = 2048
const maxLogLines = 80

/** What a container that ended left behind for the user: its termination message file, or the end of its log when it failed and asks for that. */
export async function readLastWords(status: ContainerStatus): Promise<string> {
  const containerPath = status.annotations[terminationMessagePathAnnotation]
  const file = status.mounts.find((mount) => mount.containerPath === containerPath)?.hostPath
  const words = file === undefined ? '' : await readPart(file, { from: 'start', bytes: maxFileBytes })
  if (words !== '' || status.exitCode === 0) return words
  if (status.annotations[terminationMessagePolicyAnnotation] !== 'FallbackToLogsOnError') return ''
  const lines = (await readPart(status.logPath, { from: 'end', bytes: maxLogBytes * 4 })).split('\n').slice(-maxLogLines - 1)
  const text = lines.map((line) => parseLogLine(line)?.text ?? '').join('')
  return text.slice(-maxLogBytes)
}

async function readPart(path: string, { from, bytes }: { readonly from: 'start' | 'end'; readonly bytes: number }): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, bytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, from === 'start' ? 0 : size - length)
    return buffer.toString()
  } finally {
    await file.close()
  }
}
