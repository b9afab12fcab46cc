import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Asked } from '../call.ts'
import { amounts, metricsOf } from '../metrics-api/answer.ts'
import { podMetrics as type } from '../metrics-api/types.ts'
import { definePosted } from '../routes/posted.ts'

/** A node is believed of the pods that are bound to it, by their UIDs. */
const answer = (asked: Asked) =>
  metricsOf(
    {
      ...{ kind: pods, named: 'PodMetrics' },
      nodeOf: ({ spec, status }) => (status?.phase === 'Running' ? spec.nodeName : undefined),
      measured({ metadata, spec }, usage) {
        const names = new Set(containersOf(spec).map(({ name }) => name))
        const found = usage.pods.find(({ uid }) => uid === metadata.uid)?.containers.filter(({ name }) => names.has(name)) ?? []
        return found.length === 0 ? undefined : { containers: found.map(({ name, ...used }) => ({ name, usage: amounts(used) })) }
      },
    },
    asked,
  )

/** `kubectl top pods` */
export const podMetrics = definePosted({ type, singular: '', namespaced: true, verbs: { get: answer, list: answer } })
