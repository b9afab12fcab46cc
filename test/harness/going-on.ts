import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { kubectlBinary } from './clients.ts'

export type GoingOn = ReturnType<ReturnType<typeof kubectlsGoingOn>['start']>

/** Kubectls that go on, such as `logs -f`; all of them end with it. `inside`: the words of a command that runs another one somewhere else. */
export function kubectlsGoingOn(kubeconfig: () => string) {
  const running = new Set<ChildProcess>()
  return {
    start(words: readonly string[], inside: readonly string[] = []) {
      const [command = '', ...args] = [...inside, kubectlBinary(), ...words]
      const child = spawn(command, args, { env: { ...process.env, KUBECONFIG: kubeconfig() } })
      running.add(child)
      const seen = { out: '', err: '', bytes: 0 }
      child.stdout.on('data', (bytes: Buffer) => {
        seen.bytes += bytes.length
        seen.out = (seen.out + bytes.toString()).slice(-10_000)
      })
      child.stderr.on('data', (bytes: Buffer) => (seen.err += bytes.toString()))
      child.stdin.on('error', () => {}) // it has ended
      const ended = once(child, 'close').then(([code]) => {
        running.delete(child)
        return { code: Number(code), ...seen }
      })
      return { child, seen, ended }
    },
    [Symbol.dispose]() {
      for (const child of running) child.kill('SIGKILL')
    },
  }
}
