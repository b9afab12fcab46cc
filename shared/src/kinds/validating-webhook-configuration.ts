import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { validatingWebhook } from '../types/webhook.ts'
import { startGeneration } from './rules/generation.ts'
import { countWebhookGeneration, validateWebhooks, webhookColumns } from './rules/webhooks.ts'

export const validatingWebhookConfiguration = message('admissionregistration.k8s.io/v1.ValidatingWebhookConfiguration', {
  apiVersion: z.literal('admissionregistration.k8s.io/v1'),
  kind: z.literal('ValidatingWebhookConfiguration'),
  metadata: f(1, objectMeta),
  webhooks: opt(2, z.array(validatingWebhook), {
    description: 'Who is asked about what.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
})
export type ValidatingWebhookConfiguration = z.infer<typeof validatingWebhookConfiguration>

export const validatingWebhookConfigurations = defineKind<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  resource: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  categories: ['api-extensions'],
  namespaced: false,
  schema: validatingWebhookConfiguration,
  description: 'Who may refuse objects on their way in.',
  needsRevision: true,
  columns: webhookColumns,
  prepareForCreate: startGeneration,
  prepareForUpdate: countWebhookGeneration,
  validate: validateWebhooks,
})
