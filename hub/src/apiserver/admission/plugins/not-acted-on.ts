import { notActedOnIn } from '@bramble/shared/kinds/rules/not-acted-on.ts'
import { defineAdmission } from '../admission.ts'

/** Whoever writes what is only stored is told so, rather than left waiting for something to come of it. */
export const notActedOn = defineAdmission('not-acted-on', () => ({
  validate({ operation, kind, object, previous, origin: { subresource }, warn }) {
    if (operation === 'DELETE' || subresource === 'status' || object === undefined || warn === undefined) return
    for (const sentence of notActedOnIn(kind, { object, previous })) warn(sentence)
  },
}))
