import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A collection of the young generation takes half a millisecond: at 100 MB/s one part in fifty. */
const everyBytes = 2 * 1024 * 1024

type Collect = (options: { readonly type: 'minor' }) => void

/**
 * Told how many bytes of buffers have gone by, has the thread's dead ones freed now and then. By itself V8 lets 32 MiB of them lie in the young generation,
 * whatever its size: on a board that is more than all the rest of a stream. A thread that carries little never collects for it.
 */
export function spentBuffers(collect: () => void = collectYoung()): (bytes: number) => void {
  let spent = 0
  return (bytes) => {
    spent += bytes
    if (spent < everyBytes) return
    spent = 0
    collect()
  }
}

function collectYoung(): () => void {
  let gc: Collect | undefined
  return () => {
    if (gc === undefined) {
      setFlagsFromString('--expose-gc')
      gc = runInNewContext('gc') as Collect // which the flag puts there
      setFlagsFromString('--no-expose-gc')
    }
    gc({ type: 'minor' })
  }
}
