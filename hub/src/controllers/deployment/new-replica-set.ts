import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { controllerRef } from '../claim.ts'
import { newReplicaSetAnnotations, sizeAnnotations } from './annotations.ts'
import { podTemplateHashLabel, templateHash } from './template-hash.ts'

/** The ReplicaSet of a Deployment's present template, named after the template. */
export function newReplicaSet(deployment: Deployment, replicas: number, revision: bigint): ReplicaSet {
  const { metadata, spec } = deployment
  const hash = templateHash(spec.template, deployment.status?.collisionCount)
  const labels = { ...spec.template.metadata?.labels, [podTemplateHashLabel]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: { ...newReplicaSetAnnotations(deployment, undefined, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [podTemplateHashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}
