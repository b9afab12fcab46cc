import type { KubeObject } from '../../api/client.ts'
import type { Column } from '../../schema/kind.ts'
import { type LabelSelector, formatSelector, selectorOf } from '../../meta/label-selector.ts'
import type { PodTemplateSpec } from '../../types/pod-template.ts'

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name of the object, unique among those of its kind and namespace.',
  cell: ({ metadata }) => metadata.name,
}

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'date',
  description: 'The time since the object was created.',
  cell: ({ metadata }) => metadata.creationTimestamp,
}

/** What a kind makes its pods from, and by which labels it finds them. */
type Template = { readonly template: PodTemplateSpec | undefined; readonly selector?: string }

/** What `-o wide` adds for what makes pods. `of` finds the template in the object. */
export const containerColumns = <T extends KubeObject>(of: (object: T) => Template): readonly Column<T>[] => [
  {
    name: 'Containers',
    type: 'string',
    description: 'Names of the containers of each pod.',
    priority: 1,
    cell: (object) =>
      of(object)
        .template?.spec.containers.map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    description: 'Images of the containers of each pod.',
    priority: 1,
    cell: (object) =>
      of(object)
        .template?.spec.containers.map(({ image }) => image ?? '')
        .join(','),
  },
]

/** The same with the labels of the pods. */
export const podColumnsOf = <T extends KubeObject>(of: (object: T) => Template): readonly Column<T>[] => [
  ...containerColumns(of),
  {
    name: 'Selector',
    type: 'string',
    description: 'The labels of the pods that belong to it.',
    priority: 1,
    cell: (object) => orNone(of(object).selector),
  },
]

type Workload = KubeObject & { readonly spec: { readonly selector?: LabelSelector; readonly template: PodTemplateSpec } }

export const templateColumns: readonly Column<Workload>[] = podColumnsOf<Workload>(({ spec }) => ({
  template: spec.template,
  selector: spec.selector === undefined ? '' : formatSelector(selectorOf(spec.selector)),
}))

export const orNone = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text)
