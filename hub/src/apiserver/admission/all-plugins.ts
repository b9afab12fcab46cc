import { discover } from '@bramble/shared/discover.ts'
import { type AdmissionDeps, type AdmissionMaker, type AdmissionPlugin, isAdmission } from './admission.ts'

const found = discover(import.meta.glob('./plugins/*.ts', { eager: true }), isAdmission)

/** Every plugin of the folder. */
export const createAdmission = (deps: AdmissionDeps, among: readonly AdmissionMaker[] = found): readonly AdmissionPlugin[] =>
  among.map(({ name, create }) => ({ name, ...create(deps) }))
