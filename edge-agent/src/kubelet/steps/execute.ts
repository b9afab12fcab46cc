import type { StepContext, StepResult } from '../parts.ts'
import type { Step } from '../plan/step.ts'
import { cleanPod } from './clean-pod.ts'
import { fetchImage } from './fetch-image.ts'
import { makeSandbox } from './make-sandbox.ts'
import { mountVolumes } from './mount-volumes.ts'
import { removeContainer } from './remove-container.ts'
import { startContainer } from './start-container.ts'
import { stopContainer } from './stop-container.ts'

/** Does the steps in order, stops that stand together side by side: those that come after others wait for them. */
export async function execute(steps: readonly Step[], context: StepContext): Promise<void> {
  for (let at = 0; at < steps.length; at++) {
    context.signal.throwIfAborted()
    const step = steps[at] as Step // within bounds
    const stops = step.kind === 'stopContainer' ? steps.slice(at).findIndex((next) => next.kind !== 'stopContainer') : 1
    const group = steps.slice(at, stops === -1 ? undefined : at + stops)
    const results = await together(group, context)
    at += group.length - 1
    if (results.includes('failed') && step.kind !== 'startContainer') return
  }
}

/** Ends when all of them have, also when one fails: what goes on unseen would meet the next plan. */
async function together(group: readonly Step[], context: StepContext): Promise<readonly StepResult[]> {
  const stopped = new Map<string, Promise<StepResult>>()
  const going = group.map((step) => {
    const after = step.kind === 'stopContainer' ? (step.after ?? []).flatMap((id) => stopped.get(id) ?? []) : []
    const turn = Promise.all(after)
    turn.catch(() => {}) // whoever waits for it hears of it, and nobody may
    const result = perform(step, context, turn)
    if (step.kind === 'stopContainer') stopped.set(step.id, result)
    return result
  })
  const results = await Promise.allSettled(going)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

async function perform(step: Step, context: StepContext, turn: Promise<unknown>): Promise<StepResult> {
  const { cri, volumes, remember, uid, pod, signal } = context
  switch (step.kind) {
    case 'mountVolumes':
      return mountVolumes(context)
    case 'makeSandbox':
      return makeSandbox(step, context)
    case 'startContainer':
      return startContainer(step, context)
    case 'fetchImage':
      return fetchImage(step, context)
    case 'stopContainer':
      return stopContainer(step, context, turn)
    case 'removeContainer':
      return removeContainer(step, context)
    case 'stopSandbox':
      await cri.stopPodSandbox(step.id, { signal })
      return 'done'
    case 'removeSandbox':
      await cri.removePodSandbox(step.id, { signal })
      return 'done'
    case 'unmountVolumes':
      await volumes.unmount(uid)
      remember({ volumes: { tag: 'none' } })
      return 'done'
    case 'cleanPod':
      return cleanPod(context)
    case 'confirmDeleted':
      if (pod) context.confirmDeleted(pod)
      remember({ isConfirmed: true })
      return 'done'
    default:
      throw new Error('unreachable', { cause: step satisfies never })
  }
}
