import { desiredReplicasOf, maxReplicasOf } from './annotations.ts'
import { newReplicas, scaleProportionally, shrinkOld } from './rolling.ts'
import type { Sized } from './rolling.ts'
import { sizedOf } from './rollout.ts'
import type { Rollout } from './rollout.ts'

/** One step at a time: what it changes comes back as an event, and the next step is decided on what is then there. */
export async function advance(rollout: Rollout, hasOldPods: () => boolean): Promise<void> {
  const { spec } = rollout.deployment()
  const isScaling = rollout
    .all()
    .some((set) => set.spec.replicas > 0 && desiredReplicasOf(set) !== undefined && desiredReplicasOf(set) !== spec.replicas)
  if (spec.paused === true || isScaling) {
    await rollout.adoptCurrent()
    const byName = new Map(rollout.all().map((set) => [set.metadata.name, set]))
    const previousMax = ({ name }: Sized) => {
      const set = byName.get(name)
      return (set === undefined ? undefined : maxReplicasOf(set)) ?? rollout.deployment().status?.replicas ?? 0
    }
    const current = rollout.current()
    const sizes = scaleProportionally(
      rollout.deployment(),
      rollout.all().map(sizedOf),
      current === undefined ? undefined : sizedOf(current),
      previousMax,
    )
    return rollout.resize(sizes, true)
  }
  if (spec.strategy?.type === 'Recreate') {
    await rollout.adoptCurrent()
    const running = rollout.old().filter((set) => set.spec.replicas > 0)
    if (running.length > 0) return rollout.resize(new Map(running.map(({ metadata }) => [metadata.name, 0])))
    if (hasOldPods()) return
  }
  const created = await rollout.ensureCurrent()
  const current = rollout.current()
  if (created || current === undefined) return
  const wanted = newReplicas(rollout.deployment(), sizedOf(current), rollout.old().map(sizedOf))
  if (wanted !== current.spec.replicas) return rollout.resize(new Map([[current.metadata.name, wanted]]))
  if (spec.strategy?.type === 'Recreate') return
  await rollout.resize(shrinkOld(rollout.deployment(), sizedOf(current), rollout.old().map(sizedOf)))
}
