import { defineAdmission } from '../admission.ts'

/**
 * What is only tried is refused where its namespace has no room for it, and not counted. All else is counted where it is written, after
 * everything that admission says (`quota/desk.ts`).
 */
export const resourceQuota = defineAdmission('resource-quota', ({ desk }) => ({
  validate({ operation, kind, object, previous, origin }) {
    const { dryRun, subresource } = origin
    if (!dryRun || operation === 'DELETE') return
    // Beside them stands what is posted to an object and is none of its kind.
    if (subresource === undefined || subresource === 'resize') desk.check({ kind, before: previous, after: object, origin })
  },
}))
