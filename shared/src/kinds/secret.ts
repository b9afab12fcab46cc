import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from '../types/field.ts'
import { bool, bytesMap, stringMap, text } from '../types/scalars.ts'

export const secret = message('Secret', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: f(1, objectMeta),
  immutable: opt(5, bool, { ptr: true }),
  data: opt(2, bytesMap),
  stringData: opt(4, stringMap),
  type: f(3, text.default('Opaque')),
})
export type Secret = z.infer<typeof secret>

export const secrets = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  singular: 'secret',
  namespaced: true,
  encrypted: true,
  schema: secret,
  description: '',
  columns: [],
})
