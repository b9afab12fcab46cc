import * as z from 'zod'
import { isSameJson } from '../json/same-json.ts'
import { formatLabels } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message } from '../types/field.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { containerColumns, nameColumn, orNone } from './rules/columns.ts'
import { startGeneration } from './rules/generation.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'
import { validatePodTemplate } from './rules/pod-template.ts'

export const podTemplate = message('PodTemplate', {
  apiVersion: z.literal('v1'),
  kind: z.literal('PodTemplate'),
  metadata: f(1, objectMeta),
  template: f(2, podTemplateSpec, { description: 'What pods made from it are.' }),
})
export type PodTemplate = z.infer<typeof podTemplate>

export const podTemplates = defineKind<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  resource: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  schema: podTemplate,
  description: 'The template of a pod alone, for whoever makes pods from it.',
  columns: [
    nameColumn,
    ...containerColumns<PodTemplate>((object) => object).map((column) => ({ ...column, priority: 0 })),
    {
      name: 'Pod Labels',
      type: 'string',
      description: 'The labels of pods made from it.',
      cell: ({ template }) => orNone(formatLabels(template.metadata?.labels)),
    },
  ],
  setDefaults: ({ template }) => setPodSpecDefaults(template.spec),
  prepareForCreate: startGeneration,
  prepareForUpdate(next, previous) {
    const seen = previous.metadata.generation ?? 1
    next.metadata.generation = isSameJson(next.template, previous.template) ? seen : seen + 1
  },
  validate: ({ template }) => validatePodTemplate(template, 'template'),
})
