import { type FileHandle, lstat } from 'node:fs/promises'
import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import { channels, type ServeNodeStream, type StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import type { Container, Cri } from '../../cri/cri.ts'
import { CriError } from '../../cri/cri-error.ts'
import { openRegular } from '../../host/held-folder.ts'
import { containerNameLabel, instanceLabel, podUidLabel, restartCountAnnotation } from '../observed/labels.ts'
import { parseLogLine } from './log-line.ts'
import { rotatedFiles } from './log-rotation.ts'
import { startOfTail } from './log-tail.ts'

export type LogServerDeps = {
  readonly cri: Cri
  readonly instance: string
  readonly nodeName: string
  /** Why a container of the pod (by UID) waits, as its status says. */
  readonly waitingReason: (podUid: string, container: string) => string | undefined
}

/** Serves `kubectl logs` from the files the runtime writes. */
export function createLogServer({ cri, instance, nodeName, waitingReason }: LogServerDeps): ServeNodeStream<'logs'> {
  const containersOf = async ({ podUid, container }: StreamRequest<'logs'>, signal: AbortSignal): Promise<readonly Container[]> => {
    const labels = { [instanceLabel]: instance, [podUidLabel]: podUid, [containerNameLabel]: container }
    const restarts = ({ annotations }: Container) => Number(annotations[restartCountAnnotation] ?? 0)
    return [...(await cri.listContainers({ labels }, { signal }))].sort(
      (a, b) => restarts(b) - restarts(a) || Number(b.createdAt) - Number(a.createdAt),
    )
  }

  return async function serveLogs(request, stream) {
    const { signal } = stream
    const { container, pod, previous } = request
    const found = await containersOf(request, signal)
    // While a container waits to be started again, the one that ended is the previous one as well; one that ended for good has none.
    const isBetween = found[0]?.state === 'CONTAINER_EXITED' && waitingReason(request.podUid, container) !== undefined
    const index = previous && !isBetween ? 1 : 0
    const chosen = found[index]
    if (!chosen) {
      if (previous) throw badRequest(`previous terminated container "${container}" in pod "${pod}" not found`)
      const reason = waitingReason(request.podUid, container) ?? 'ContainerCreating'
      const why = /^(ErrImagePull|ImagePullBackOff)$/.test(reason) ? 'trying and failing to pull image' : reason
      throw badRequest(`container "${container}" in pod "${pod}" is waiting to start: ${why}`)
    }
    const status = await cri.containerStatus(chosen.id, { signal })
    if (!status) throw new ApiError('NotFound', `container "${container}" of pod "${pod}" is gone from node ${nodeName}`)
    const isDone = async () => {
      if (status.state !== 'CONTAINER_RUNNING' && status.state !== 'CONTAINER_CREATED') return true
      try {
        return (await cri.containerStatus(chosen.id, { signal }))?.state !== 'CONTAINER_RUNNING'
      } catch (error) {
        // A runtime that is away, or started again, says nothing of a container that goes on and writes its log.
        if (error instanceof CriError) return false
        throw error
      }
    }
    stream.accept()
    for await (const bytes of readLog(status.logPath, { request, isDone, signal })) await stream.channel(channels.stdout).write(bytes)
  }
}

export type ReadLogInput = {
  readonly request: Omit<StreamRequest<'logs'>, 'kind' | 'namespace' | 'pod' | 'podUid' | 'container' | 'previous'>
  /** Whether nothing will be added any more. */
  readonly isDone: () => Promise<boolean>
  readonly signal: AbortSignal
}

const chunkBytes = 64 * 1024
// Watching a folder can miss a change (a full queue of the kernel); this is how long such a line is late.
const lookMs = 1000

/** The lines of a log and of what was rotated away from it, as the caller wants them. */
export async function* readLog(path: string, { request, isDone, signal }: ReadLogInput): AsyncGenerator<Uint8Array> {
  const { follow, timestamps, tailLines, limitBytes = Infinity } = request
  const since = sinceOf(request)
  let left = limitBytes
  const render = createRenderer({ timestamps, since })
  const cut = (text: Buffer): Uint8Array => {
    const bytes = text.subarray(0, left === Infinity ? undefined : left)
    left -= bytes.length
    return bytes
  }

  const files = [...(await rotatedFiles(path)), path]
  let { file: at, offset } = tailLines === undefined ? { file: 0, offset: 0 } : await startOfTail(files, tailLines)
  // Rotated files first; the one being written is read and followed below.
  for (; at < files.length - 1; at++, offset = 0) {
    const handle = await openRegular(files[at] as string) // within bounds
    if (!handle) continue
    try {
      for await (const text of linesFrom(handle, { offset })) {
        const bytes = cut(render(text.text))
        if (bytes.length > 0) yield bytes
        if (left <= 0) return
      }
    } finally {
      await handle.close()
    }
  }

  const changes = follow ? watchFolder(dirname(path), signal) : undefined
  let handle = await openRegular(path)
  try {
    for (let isOver = false; ;) {
      let hasRead = false
      if (handle) {
        for await (const { text, end } of linesFrom(handle, { offset })) {
          hasRead = true
          offset = end
          const bytes = cut(render(text))
          if (bytes.length > 0) yield bytes
          if (left <= 0) return
        }
        const next = follow ? await replaced(handle, path) : undefined
        if (next) {
          // What was written between our last look and the rotation.
          for await (const { text } of linesFrom(handle, { offset })) {
            const bytes = cut(render(text))
            if (bytes.length > 0) yield bytes
            if (left <= 0) {
              await next.close()
              return
            }
          }
          await handle.close()
          handle = next
          offset = 0
          continue
        }
      } else if (follow) {
        handle = await openRegular(path)
        if (handle) continue
      }
      if (!follow || signal.aborted || (isOver && !hasRead)) return
      // The runtime is asked only when the log is quiet, and what came in the meantime is read before the end.
      if (!hasRead) {
        isOver = await isDone()
        if (isOver) continue
      }
      if (!isOver) await changes?.next()
    }
  } finally {
    changes?.close()
    await handle?.close()
  }
}

function sinceOf({ sinceSeconds, sinceTime }: { readonly sinceSeconds?: number; readonly sinceTime?: string }): number | undefined {
  if (sinceTime !== undefined) {
    const time = Date.parse(sinceTime)
    if (Number.isNaN(time)) throw badRequest(`sinceTime ${JSON.stringify(sinceTime)} is no RFC 3339 time`)
    return time
  }
  return sinceSeconds === undefined ? undefined : Date.now() - sinceSeconds * 1000
}

/** Whole lines from an offset, in batches; `end` is where the next batch begins. A line that is still being written is left for later. */
async function* linesFrom(
  handle: FileHandle,
  { offset }: { readonly offset: number },
): AsyncGenerator<{ readonly text: Buffer; readonly end: number }> {
  let position = offset
  let carry: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, position + carry.length)
    if (bytesRead === 0) return
    const data = Buffer.concat([carry, buffer.subarray(0, bytesRead)])
    const cutAt = data.lastIndexOf(10) + 1
    carry = data.subarray(cutAt)
    if (cutAt === 0) continue
    position += cutAt
    yield { text: data.subarray(0, cutAt), end: position }
  }
}

/** Turns raw lines into what the user sees; parts of one long line become one again. Bytes stay what they are: nothing is decoded. */
function createRenderer({
  timestamps,
  since,
}: {
  readonly timestamps: boolean
  readonly since: number | undefined
}): (raw: Buffer) => Buffer {
  let isInside = false
  return (raw) => {
    const out: Buffer[] = []
    for (let at = 0; at < raw.length;) {
      const newline = raw.indexOf(10, at)
      const stop = newline === -1 ? raw.length : newline
      const parsed = parseLogLine(raw.subarray(at, stop))
      at = stop + 1
      if (!parsed) continue
      const isShown = since === undefined || Date.parse(parsed.time) >= since
      if (isShown) {
        if (timestamps && !isInside) out.push(Buffer.from(`${parsed.time} `))
        out.push(parsed.text)
        if (!parsed.isPartial) out.push(lineEnd)
      }
      isInside = parsed.isPartial
    }
    return Buffer.concat(out)
  }
}

const lineEnd = Buffer.from('\n')

/** The file that follows the one that is open, when that was rotated away: the oldest of those put aside since, or the one that now has the name. */
async function replaced(handle: FileHandle, path: string): Promise<FileHandle | undefined> {
  const { ino } = await handle.stat()
  const next = await openRegular(path)
  if (!next) return undefined
  if ((await next.stat()).ino === ino) {
    await next.close()
    return undefined
  }
  const aside = await rotatedFiles(path)
  const ours = await indexOfInode(aside, ino)
  // Two rotations between two looks: what stands in between is not skipped.
  const between = ours === -1 ? undefined : aside[ours + 1]
  const older = between === undefined ? undefined : await openRegular(between)
  if (!older) return next
  await next.close()
  return older
}

async function indexOfInode(files: readonly string[], ino: number): Promise<number> {
  for (const [index, file] of files.entries()) if ((await lstat(file).catch(() => undefined))?.ino === ino) return index
  return -1
}

/** `next` resolves when something in the folder changed, or after a while. */
function watchFolder(folder: string, signal: AbortSignal) {
  let wake = () => {}
  let isChanged = false
  const onChange = () => {
    isChanged = true
    wake()
  }
  const watcher = watcherOf(folder, onChange)
  signal.addEventListener('abort', onChange, { once: true })
  return {
    async next() {
      if (!isChanged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, lookMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      isChanged = false
    },
    close() {
      signal.removeEventListener('abort', onChange)
      watcher?.close()
    },
  }
}

/** Undefined where the kernel has no watch left, which any container may use up: then the looks of each second are all there is. */
function watcherOf(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(folder, onChange).on('error', onChange)
  } catch {
    return undefined
  }
}
