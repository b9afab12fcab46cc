import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { nodeSpec } from '../types/node-spec.ts'
import { nodeStatus } from '../types/node-status.ts'
import { f, message, opt } from '../types/field.ts'

export const node = message('Node', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Node'),
  metadata: f(1, objectMeta),
  spec: opt(2, nodeSpec),
  status: opt(3, nodeStatus),
})
export type Node = z.infer<typeof node>

export const nodes = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  subresources: { status: true },
  schema: node,
  description: '',
  columns: [],
})
