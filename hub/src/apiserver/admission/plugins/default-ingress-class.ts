import { ownValue } from '@bramble/shared/json/own.ts'
import { type Ingress, ingresses } from '@bramble/shared/kinds/ingress.ts'
import { ingressClasses } from '@bramble/shared/kinds/ingress-class.ts'
import { defineAdmission } from '../admission.ts'
import { newestDefault } from '../newest-default.ts'

/** The old way to name a class. */
const annotation = 'kubernetes.io/ingress.class'

/** An Ingress that names no class, in neither way, is of the default one. */
export const defaultIngressClass = defineAdmission('default-ingress-class', ({ registry }) => ({
  kinds: [ingresses],
  admit({ operation, object, origin: { subresource } }) {
    if (operation !== 'CREATE' || subresource !== undefined) return
    const ingress = object as Ingress // it is of that kind
    if (ingress.spec?.ingressClassName !== undefined || ownValue(ingress.metadata.annotations, annotation) !== undefined) return
    const name = newestDefault(
      registry,
      ingressClasses,
      ({ metadata: { annotations = {} } }) => annotations['ingressclass.kubernetes.io/is-default-class'] === 'true',
    )
    if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name }
  },
}))
