import type { Clock } from '@bramble/shared/clock.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Admission, AskedAbout } from './admission.ts'
import { type Question, questionOf } from './matching/question.ts'
import { Scene, type SceneDeps } from './matching/scene.ts'
import { createTimeTogether, type TimeTogether } from './time-together.ts'

/** Whoever may be asked about writes because objects in the API say so. */
export type Asking = {
  /** There is nobody at all: a write need not be looked at. */
  isIdle(): boolean
  /** Undefined: nobody is to be asked to change it. */
  mutation(question: Question): Mutation | undefined
  /** Undefined: nobody is to be asked whether it may be. */
  validation(question: Question): ((scene: Scene) => Promise<void>) | undefined
  close(): void
}
/** Two rounds at most: see `Reinvocation`. */
export type Mutation = { round(): Promise<void>; hasChanged(): boolean }

/** Admission by those who were installed, beside the plugins that are built in. */
export type Dynamic = {
  /** After all have filled in what was left out. Undefined: nobody is to be asked; else asks, and tells whether the object was changed, in place. */
  mutate(admission: AskedAbout): (() => Promise<boolean>) | undefined
  /** Of the object as it would be stored. Undefined: nobody is to be asked. */
  validate(admission: AskedAbout): Promise<void> | undefined
  /** From here on somebody is asked: what the hub writes before it opens its doors must not wait for anybody. */
  open(): void
  close(): void
}

export type DynamicDeps = SceneDeps & {
  /** In the order in which they are asked. */
  readonly asking: readonly Asking[]
  /** What is built in fills in again what others have put into the object. */
  readonly admitAgain: (admission: Admission) => Promise<void>
  readonly clock: Pick<Clock, 'monotonic'>
}

export function createDynamic({ asking, admitAgain, clock, ...deps }: DynamicDeps): Dynamic {
  const timeOf = createTimeTogether(clock)
  async function rounds(admission: AskedAbout, mutations: readonly Mutation[]): Promise<boolean> {
    for (const mutation of mutations) await mutation.round()
    if (!mutations.some((mutation) => mutation.hasChanged())) return false
    if (isWrite(admission)) await admitAgain(admission)
    for (const mutation of mutations) await mutation.round()
    return true
  }
  let isOpen = false
  // Most hubs have nobody to ask, and every write comes by here.
  const asksNobody = ({ kind }: AskedAbout): boolean => !isOpen || asking.every((each) => each.isIdle()) || isExempt(kind)
  return {
    mutate(admission) {
      if (asksNobody(admission)) return undefined
      const time = timeOf(admission.asker)
      const question = questionOf({ ...admission, asker: time.asker }, false)
      const mutations = asking.flatMap((each) => each.mutation(question) ?? [])
      if (mutations.length === 0) return undefined
      return () => within(time, () => rounds(admission, mutations))
    },
    validate(admission) {
      if (asksNobody(admission)) return undefined
      const time = timeOf(admission.asker)
      const question = questionOf({ ...admission, asker: time.asker }, true)
      const validations = asking.flatMap((each) => each.validation(question) ?? [])
      if (validations.length === 0) return undefined
      const scene = new Scene(question, deps)
      return within(time, async () => {
        for (const validate of validations) await validate(scene)
      })
    },
    open() {
      isOpen = true
    },
    close() {
      for (const each of asking) each.close()
    },
  }
}

async function within<T>(time: TimeTogether, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    time[Symbol.dispose]()
  }
}

/** What is built in looks at writes alone. */
const isWrite = (admission: AskedAbout): admission is Admission => admission.operation !== 'CONNECT'

/** By those nobody is asked about who is asked, so that whoever has installed something broken can always take it away. */
const exempt: ReadonlySet<string> = new Set([
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  ...['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'],
])

const isExempt = ({ group, kind }: Kind): boolean => group === 'admissionregistration.k8s.io' && exempt.has(kind)

/** Nobody is asked: what was installed is stored and has no say. */
export const nobody: Dynamic = { mutate: () => undefined, validate: () => undefined, open() {}, close() {} }
