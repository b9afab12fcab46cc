import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message } from '@bramble/shared/types/field.ts'
import { resourceList, text, time } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { postedType } from '../bodies/body-of.ts'

const group = 'metrics.k8s.io'
const version = 'v1beta1'
const named = `${group}/${version}`

const head = { apiVersion: text.optional(), kind: text.optional(), metadata: f(1, objectMeta) }
const when = {
  timestamp: f(2, time, { description: 'When it was seen.' }),
  // A duration, which no other kind has and our protobuf does not know: without a number it is told in JSON alone.
  window: text,
}
const container = message(`${named}.ContainerMetrics`, { name: f(1, text), usage: f(2, resourceList) })

export const nodeMetrics = postedType({
  ...{ group, version, kind: 'NodeMetrics', resource: 'nodes' },
  schema: message(`${named}.NodeMetrics`, { ...head, ...when, usage: f(4, resourceList) }),
})
export const podMetrics = postedType({
  ...{ group, version, kind: 'PodMetrics', resource: 'pods' },
  schema: message(`${named}.PodMetrics`, { ...head, ...when, containers: f(4, z.array(container)) }),
})
