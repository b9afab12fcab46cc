import { nodes } from '@bramble/shared/kinds/node.ts'
import type { Asked } from '../call.ts'
import { amounts, metricsOf } from '../metrics-api/answer.ts'
import { nodeMetrics as type } from '../metrics-api/types.ts'
import { definePosted } from '../routes/posted.ts'

const answer = (asked: Asked) =>
  metricsOf(
    {
      ...{ kind: nodes, named: 'NodeMetrics' },
      nodeOf: ({ metadata }) => metadata.name,
      measured: (_node, usage) => ({ usage: amounts(usage.node) }),
    },
    asked,
  )

/** `kubectl top nodes` */
export const nodeMetrics = definePosted({ type, singular: '', namespaced: false, verbs: { get: answer, list: answer } })
