import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { mutatingWebhook } from '../types/webhook.ts'
import { startGeneration } from './rules/generation.ts'
import { countWebhookGeneration, validateWebhooks, webhookColumns } from './rules/webhooks.ts'

export const mutatingWebhookConfiguration = message('admissionregistration.k8s.io/v1.MutatingWebhookConfiguration', {
  apiVersion: z.literal('admissionregistration.k8s.io/v1'),
  kind: z.literal('MutatingWebhookConfiguration'),
  metadata: f(1, objectMeta),
  webhooks: opt(2, z.array(mutatingWebhook), {
    description: 'Who is asked about what.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
})
export type MutatingWebhookConfiguration = z.infer<typeof mutatingWebhookConfiguration>

export const mutatingWebhookConfigurations = defineKind<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  resource: 'mutatingwebhookconfigurations',
  singular: 'mutatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  schema: mutatingWebhookConfiguration,
  description: 'Who may change objects on their way in.',
  needsRevision: true,
  columns: webhookColumns,
  prepareForCreate: startGeneration,
  prepareForUpdate: countWebhookGeneration,
  validate: validateWebhooks,
})
