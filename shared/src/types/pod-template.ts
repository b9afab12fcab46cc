import type * as z from 'zod'
import { templateMeta } from '../meta/object-meta.ts'
import { podSpec } from './pod-spec.ts'
import { f, message, opt } from './field.ts'

export const podTemplateSpec = message('PodTemplateSpec', {
  metadata: opt(1, templateMeta),
  spec: f(2, podSpec),
})
export type PodTemplateSpec = z.infer<typeof podTemplateSpec>
