import type { PodLike } from '@bramble/shared/kinds/rules/unserved.ts'

/** Where kinds have that from which pods are made, and the place in it. */
export function templatesIn(object: object): { readonly field: string; readonly template: PodLike }[] {
  type Made = { template?: PodLike; jobTemplate?: { spec?: { template?: PodLike } } }
  const { spec, template } = object as Made & { spec?: Made } // of whatever kind
  const places = [
    { field: 'spec.template', template: spec?.template },
    { field: 'spec.jobTemplate.spec.template', template: spec?.jobTemplate?.spec?.template },
    { field: 'template', template },
  ]
  return places.flatMap((place) =>
    place.template?.spec?.containers === undefined ? [] : [{ field: place.field, template: place.template }],
  )
}
