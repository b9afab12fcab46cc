import type { SeenPod } from '../observed/seen.ts'
import type { Step } from './step.ts'

/** Dead containers but the newest of each name, which `logs --previous` and lastState read; then sandboxes nobody is in. */
export function garbage(seen: SeenPod): readonly Step[] {
  const kept = new Set<string>()
  const removed = new Set<string>()
  const steps: Step[] = []
  for (const { id, name, state, restartCount } of seen.containers) {
    if (state !== 'exited') continue
    if (!kept.has(name)) kept.add(name)
    else {
      removed.add(id)
      steps.push({ kind: 'removeContainer', id, name, restartCount })
    }
  }
  for (const { id, isReady } of seen.sandboxes.slice(1)) {
    const isEmpty = !seen.containers.some((container) => container.sandboxId === id && !removed.has(container.id))
    if (!isReady && isEmpty) steps.push({ kind: 'removeSandbox', id })
  }
  return steps
}
