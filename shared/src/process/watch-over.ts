import { type Debugger, Session } from 'node:inspector'
import { lastLine } from './last-line.ts'
import { createStillness } from './stillness.ts'
import type { SignsOfLife } from './watchdog.ts'

/** The main thread tells its stack at once when it runs JavaScript, and never when it waits inside the kernel. */
const stackMs = 5_000

/** Ends the process when its main thread has stood still. It watches for as long as this thread has something else to do. */
export function watchOver({ beats, lookMs }: SignsOfLife): void {
  const isStuck = createStillness()
  let isAsking = false
  // Goes on while the stack is asked for: the answer comes in only when this thread wakes up by itself.
  setInterval(() => {
    if (isAsking || !isStuck(Atomics.load(beats, 0))) return
    isAsking = true
    askForStack()
  }, lookMs).unref()
}

function askForStack(): void {
  setTimeout(() => end('not known: it does not run JavaScript'), stackMs)
  const session = new Session()
  session.connectToMainThread()
  const files = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url))
  const line = ({ functionName, location: { scriptId, lineNumber, columnNumber = 0 } }: Debugger.CallFrame): string =>
    `    at ${functionName === '' ? '<anonymous>' : functionName} (${files.get(scriptId)}:${lineNumber + 1}:${columnNumber + 1})`
  session.on('Debugger.paused', ({ params }) => end(params.callFrames.map(line).join('\n')))
  session.post('Debugger.enable')
  session.post('Debugger.pause')
}

function end(stack: string): void {
  lastLine({ stack, message: 'the event loop stood still, ending' })
  process.kill(process.pid, 'SIGKILL')
}
