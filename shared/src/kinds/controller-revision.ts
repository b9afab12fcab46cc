import * as z from 'zod'
import { fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { groupOf } from '../schema/api-version.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { any, int64OrZero } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { immutable, notNegative } from './rules/field-errors.ts'

export const controllerRevision = message('apps/v1.ControllerRevision', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('ControllerRevision'),
  metadata: f(1, objectMeta),
  data: opt(2, any, { description: 'What it was like then; never changes.' }),
  revision: f(3, int64OrZero, { description: 'Which revision it is; larger is newer.' }),
})
export type ControllerRevision = z.infer<typeof controllerRevision>

export const controllerRevisions = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  schema: controllerRevision,
  description: 'What a StatefulSet or DaemonSet was like, to roll back to. Made by its controller.',
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', description: 'Whose revision it is.', cell: ownerText },
    { name: 'Revision', type: 'string', description: 'Which revision it is.', cell: ({ revision }) => String(revision) },
    ageColumn,
  ],
  validate: ({ data, revision }) => [
    ...(data === undefined || data === null ? [fieldRequired('data', 'data is mandatory')] : []),
    ...notNegative('revision', revision),
  ],
  validateUpdate: (next, previous) => (isSameJson(next.data, previous.data) ? [] : [immutable('data', next.data)]),
})

/** `statefulset.apps/web` */
function ownerText({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return '<none>'
  const group = groupOf(owner.apiVersion)
  return `${`${owner.kind}${group === '' ? '' : `.${group}`}`.toLowerCase()}/${owner.name}`
}
