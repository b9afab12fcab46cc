import { defineAdmission, refused } from '@bramble/hub/apiserver/admission/admission.ts'

export const noShouting = defineAdmission('no-shouting', () => ({
  validate(admission) {
    if (admission.object?.metadata.labels?.['example.com/says'] === 'HELLO') throw refused(admission, 'it shouts')
  },
}))
