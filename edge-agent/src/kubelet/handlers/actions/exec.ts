import { isCriError } from '../../../cri/cri-error.ts'
import { handler, type HandlerTarget, maxOutputBytes, type Verdict } from '../handler.ts'

export const exec = handler('exec', ({ command = [] }, target) => runCommand(command, target))

async function runCommand(command: readonly string[], { cri, containerId, timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
  try {
    const { stdout, stderr, exitCode } = await cri.execSync(containerId, command, { timeoutMs, signal })
    const message = Buffer.concat([stdout, stderr]).subarray(0, maxOutputBytes).toString()
    return { outcome: exitCode === 0 ? 'success' : 'failure', message }
  } catch (error) {
    signal.throwIfAborted()
    if (isCriError(error, 'DEADLINE_EXCEEDED'))
      return { outcome: 'failure', message: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s` }
    return { outcome: 'error', message: error instanceof Error ? error.message : String(error) }
  }
}
