import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { controllerRef } from '../claim.ts'
import { generateName } from '@bramble/shared/meta/generated-name.ts'

/** The pod that a ReplicaSet's template asks for. We choose the name, so that we know what to expect in the watch. */
export function newPod(replicaSet: ReplicaSet, random: () => number): Pod {
  const { metadata, spec } = replicaSet.spec.template ?? {}
  const prefix = `${replicaSet.metadata.name}-`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: generateName(prefix, random),
      generateName: prefix,
      ...(replicaSet.metadata.namespace === undefined ? {} : { namespace: replicaSet.metadata.namespace }),
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controllerRef(replicaSet)],
    },
    spec: spec ?? { containers: [] },
  } as Pod // the API fills in the defaults and refuses a template that lacks what a pod needs
}
