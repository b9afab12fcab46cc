import type { KubeObject } from '@bramble/shared/api/client.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import type { Elsewhere } from '@bramble/shared/schema/storage.ts'

/** Who owns what is worked out in one go, from objects in the versions of their owners. What has to be asked for first is asked for, and then it begins anew. */
export class NotYetConverted extends Error {
  readonly learn: () => Promise<void>

  constructor(learn: () => Promise<void>) {
    super('an object has to be converted by somebody else first')
    this.learn = learn
  }
}

/** An apply looks at an object before and after, in each version that somebody owns fields in, and at what is left of it. */
const mostAsked = 64

/** The result of work that changes nothing, done anew after each conversion that it has missed. */
export async function converting<T>(work: () => T): Promise<T> {
  for (let asked = 0; ; asked++) {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof NotYetConverted) || asked >= mostAsked) throw error
      await error.learn()
    }
  }
}

/** What was asked for is there until the work that asked for it is done. */
export type Conversions = { convert(elsewhere: Elsewhere, object: KubeObject, apiVersion: string): KubeObject }

const kept = { count: 256, size: 24 * 1024 * 1024 } as const

export function createConversions(): Conversions {
  const made = new WeakMap<Elsewhere, LatestMap<string, KubeObject>>()
  const madeBy = (elsewhere: Elsewhere): LatestMap<string, KubeObject> => {
    let known = made.get(elsewhere)
    if (known === undefined) made.set(elsewhere, (known = new LatestMap({ ...kept, sizeOf: (_object, text) => 2 * text.length })))
    return known
  }
  return {
    convert(elsewhere, object, apiVersion) {
      const known = madeBy(elsewhere)
      const text = `${apiVersion} ${exactJson(object)}`
      const found = known.get(text)
      if (found !== undefined) return found
      throw new NotYetConverted(async () => {
        const [converted] = await elsewhere([object], apiVersion)
        if (converted !== undefined) known.set(text, converted)
      })
    },
  }
}
