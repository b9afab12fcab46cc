import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { validateEphemeralContainersUpdate } from '@bramble/shared/kinds/rules/ephemeral-containers.ts'
import { cloneJson } from '../json.ts'
import { changePart } from '../verbs/change-part.ts'
import { get } from '../verbs/get.ts'
import { patchWithin } from '../verbs/patch.ts'
import type { Part } from '../verbs/scope.ts'
import { defineSubresource } from '../routes/subresource.ts'

/** The containers with which somebody looks into a running pod (`kubectl debug`). Only pods have this subresource. */
const part: Part = {
  with(previous, next) {
    const merged = cloneJson(previous) as Pod
    const { ephemeralContainers } = (next as Pod).spec
    if (ephemeralContainers === undefined) delete merged.spec.ephemeralContainers
    else merged.spec.ephemeralContainers = ephemeralContainers
    return merged
  },
  paths: [['f:spec', 'f:ephemeralContainers']],
  validate: (next: KubeObject, previous: KubeObject) => validateEphemeralContainersUpdate(next as Pod, previous as Pod),
}

export const ephemeralContainers = defineSubresource({
  name: 'ephemeralcontainers',
  verbs: { get, update: (call) => changePart(call, part), patch: (call) => patchWithin(call, part) },
})
