import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { byController, byNamespace } from '../../client/lister.ts'
import { adoption, claim, controllerOf, releasal } from '../claim.ts'
import { defineController } from '../controller.ts'
import { createProgressAges } from '../deployment/progress-age.ts'
import { advance } from '../deployment/advance.ts'
import { createRollout } from '../deployment/rollout.ts'
import { deploymentStatus, isComplete, isStatusSame } from '../deployment/status.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'

/** Moves from one template to the next through ReplicaSets: a rolling update or a fresh start, with history, and a status that tells. */
export const deployment = defineController({
  name: 'deployment',
  account: 'deployment-controller',
  workers: 5,
  setUp(scope) {
    const { client, clock, queue, watch } = scope
    const progressAges = createProgressAges(clock)
    const ownerKey = (set: ReplicaSet): string | undefined => {
      const owner = controllerOf(set)
      return owner?.kind === 'Deployment' ? `${set.metadata.namespace ?? ''}/${owner.name}` : undefined
    }
    const onSet = (set: ReplicaSet) => {
      const key = ownerKey(set)
      if (key !== undefined) return queue.add(key)
      if (controllerOf(set) !== undefined) return
      for (const each of lister.by(byNamespace, set.metadata.namespace ?? ''))
        if (labelSelectorMatches(each.spec.selector, set.metadata.labels)) queue.add(keyTextOf(each))
    }
    const lister = watch(deployments, {
      onAdd: (each) => queue.add(keyTextOf(each)),
      onUpdate: (each) => queue.add(keyTextOf(each)),
      onDelete: ({ metadata }) => progressAges.forget(metadata.uid ?? ''),
    })
    const sets = watch(replicaSets, {
      onAdd: onSet,
      onUpdate(set, previous) {
        const before = ownerKey(previous)
        if (before !== undefined && before !== ownerKey(set)) queue.add(before)
        onSet(set)
      },
      onDelete: onSet,
    })
    const podLister = watch(pods, {
      onDelete(pod) {
        // A Recreate waits for the last old pod to be gone.
        const set = sets.get(pod.metadata.namespace, controllerOf(pod)?.name ?? '')
        const key = set === undefined ? undefined : ownerKey(set)
        if (key === undefined) return
        const { namespace, name } = parseKey(key)
        if (lister.get(namespace, name)?.spec.strategy?.type === 'Recreate') queue.add(key)
      },
    })

    async function claimSets(owner: Deployment, signal: AbortSignal): Promise<readonly ReplicaSet[]> {
      const { owned, adopt, release } = claim(owner, owner.spec.selector, sets.by(byNamespace, owner.metadata.namespace ?? ''))
      for (const set of release) await client.patch(replicaSets, keyOf(set), releasal(owner, set), { signal })
      const adopted: ReplicaSet[] = []
      for (const set of adopt) adopted.push(await client.patch(replicaSets, keyOf(set), adoption(owner, set), { signal }))
      return [...owned, ...adopted].filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    }

    return async (key, signal) => {
      const { namespace, name } = parseKey(key)
      const found = lister.get(namespace, name)
      if (found === undefined) return
      const rollout = createRollout(scope, found, await claimSets(found, signal), signal)
      if (found.metadata.deletionTimestamp === undefined) {
        const hasOldPods = () =>
          rollout.old().some(({ metadata }) => podLister.by(byController, metadata.uid ?? '').some((pod) => !hasEnded(pod)))
        await advance(rollout, hasOldPods)
      }
      const status = deploymentStatus({
        deployment: rollout.deployment(),
        newSet: rollout.current(),
        oldSets: rollout.old(),
        now: clock.now(),
        progressAgeMs: (updatedAt) => progressAges.of(found.metadata.uid ?? '', updatedAt),
        ...rollout.happened(),
      })
      if (!isStatusSame(status.status, rollout.deployment().status))
        await client.update(deployments, { ...rollout.deployment(), status: status.status }, { subresource: 'status', signal })
      if (status.deadlineInMs !== undefined) queue.addAfter(key, status.deadlineInMs)
      if (isComplete(found, status.status) && found.spec.paused !== true) await rollout.forgetHistory()
      rollout.throwFailure()
    }
  },
})
