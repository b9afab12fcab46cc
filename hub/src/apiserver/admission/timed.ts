import type { Clock } from '@bramble/shared/clock.ts'
import type { Metrics, Observed } from '../metrics.ts'
import type { Admission, AdmissionHooks, AdmissionPlugin } from './admission.ts'

type Hook = (admission: Admission) => void | Promise<void>
type Deps = { readonly metrics: Pick<Metrics, 'admissionSeconds'>; readonly clock: Pick<Clock, 'monotonic'> }

const types = { guard: 'admit', admit: 'admit', complete: 'admit', validate: 'validate' } as const

/** A plugin whose every look at a write is timed. */
export function timed(plugin: AdmissionPlugin, deps: Deps): AdmissionPlugin {
  const hooks: AdmissionHooks = {}
  for (const name of ['guard', 'admit', 'complete', 'validate'] as const) {
    const hook = plugin[name]
    if (hook !== undefined) Object.assign(hooks, { [name]: timedHook(hook, { ...deps, name: plugin.name, type: types[name] }) })
  }
  return { ...plugin, ...hooks }
}

function timedHook(hook: Hook, { metrics, clock, ...labels }: Deps & { readonly name: string; readonly type: string }): Hook {
  // Every write comes by here some twenty times.
  const taken: Partial<Record<Admission['operation'], Observed>> = {}
  const refused: typeof taken = {}
  const took = (from: number, { operation }: Admission, isRejected: boolean) => {
    const known = isRejected ? refused : taken
    known[operation] ??= metrics.admissionSeconds.of({ ...labels, operation, rejected: String(isRejected) })
    known[operation].observe((clock.monotonic() - from) / 1000)
  }
  return (admission) => {
    const from = clock.monotonic()
    let working: void | Promise<void>
    try {
      working = hook(admission)
    } catch (error) {
      took(from, admission, true)
      throw error
    }
    // Most decide at once, and what waits for nothing stays so.
    if (working === undefined) return took(from, admission, false)
    return working.then(
      () => took(from, admission, false),
      (error: unknown) => {
        took(from, admission, true)
        throw error
      },
    )
  }
}
