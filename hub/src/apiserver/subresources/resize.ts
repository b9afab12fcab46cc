import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { validatePodResize } from '@bramble/shared/kinds/rules/pod-resize.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { cloneJson } from '../json.ts'
import { changePart } from '../verbs/change-part.ts'
import { get } from '../verbs/get.ts'
import { patchWithin } from '../verbs/patch.ts'
import type { Part } from '../verbs/scope.ts'
import { defineSubresource } from '../routes/subresource.ts'

/** What the containers of a pod ask for and may take. Only pods have this subresource. */
const part: Part = {
  with(previous, next) {
    const merged = cloneJson(previous) as Pod
    const { containers, initContainers } = (next as Pod).spec
    merged.spec.containers = resized(containers, merged.spec.containers)
    if (initContainers === undefined) delete merged.spec.initContainers
    else merged.spec.initContainers = resized(initContainers, merged.spec.initContainers ?? [])
    return merged
  },
  paths: ['f:containers', 'f:initContainers'].flatMap((list) =>
    ['f:resources', 'f:resizePolicy'].map((member) => ['f:spec', list, '*', member]),
  ),
  validate: (next, previous) => validatePodResize(next as Pod, previous as Pod),
}

export const resize = defineSubresource({
  name: 'resize',
  verbs: { get, update: (call) => changePart(call, part), patch: (call) => patchWithin(call, part) },
})

/** Containers that are others, or in another order, are left so: they are refused by name. */
function resized(next: Container[], previous: Container[]): Container[] {
  if (next.length !== previous.length || next.some(({ name }, i) => name !== previous[i]?.name)) return next
  return previous.map(({ resizePolicy: _policy, ...container }, i) => {
    const { resources, resizePolicy } = next[i] as Container // there are as many
    return { ...container, resources, ...(resizePolicy !== undefined && { resizePolicy }) }
  })
}
