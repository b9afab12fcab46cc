import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { podSpec } from '../types/pod-spec.ts'
import { podStatus } from '../types/pod-status.ts'
import { f, message, opt } from '../types/field.ts'

export const pod = message('Pod', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: f(1, objectMeta),
  spec: f(2, podSpec),
  status: opt(3, podStatus),
})
export type Pod = z.infer<typeof pod>

export const pods = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  subresources: { status: true, named: ['binding', 'eviction', 'log'] },
  schema: pod,
  description: '',
  columns: [],
})
