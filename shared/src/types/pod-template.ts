import type * as z from 'zod'
import { templateMeta } from '../meta/object-meta.ts'
import { podSpec } from './pod-spec.ts'
import { f, message, opt } from './field.ts'

export const podTemplateSpec = message(
  'PodTemplateSpec',
  {
    metadata: opt(1, templateMeta, { description: 'Labels and annotations of every pod made from this.', byValue: true }),
    spec: f(2, podSpec, { description: 'What the pods are.' }),
  },
  { description: 'From this, pods are made.' },
)
export type PodTemplateSpec = z.infer<typeof podTemplateSpec>
