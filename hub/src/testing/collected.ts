import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** For tests: collects garbage until nobody holds the object any longer; throws when somebody still does. */
export async function collected(object: WeakRef<object>): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // there once the flag is set
  for (let turn = 0; turn < 200; turn++) {
    // What was looked at in this turn is kept until the next one.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    await new Promise((resolve) => setImmediate(resolve))
    if (object.deref() === undefined) return
  }
  throw new Error('the object is still held')
}
