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

type Workload = KubeObject & { readonly spec: { readonly selector: LabelSelector; readonly template: PodTemplateSpec } }

/** What `-o wide` adds for everything that runs pods from a template. */
export const templateColumns: readonly Column<Workload>[] = [
  {
    name: 'Containers',
    type: 'string',
    description: 'Names of the containers of each pod.',
    priority: 1,
    cell: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(','),
  },
  {
    name: 'Images',
    type: 'string',
    description: 'Images of the containers of each pod.',
    priority: 1,
    cell: ({ spec }) => spec.template.spec.containers.map(({ image }) => image ?? '').join(','),
  },
  {
    name: 'Selector',
    type: 'string',
    description: 'The labels of the pods that belong to it.',
    priority: 1,
    cell: ({ spec }) => orNone(formatSelector(selectorOf(spec.selector))),
  },
]

export const orNone = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text)
