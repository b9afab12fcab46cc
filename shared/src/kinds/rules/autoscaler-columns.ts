import type { KubeObject } from '../../api/client.ts'
import type { Column } from '../../schema/kind.ts'
import type { MetricSpec, MetricStatus } from '../../types/autoscaler-metrics.ts'
import type { HorizontalPodAutoscaler } from '../../types/autoscaler.ts'
import { ageColumn, nameColumn } from './columns.ts'

/** `of`: an object of the version as one of the version that is stored. */
export const autoscalerColumns = <T extends KubeObject>(of: (object: T) => HorizontalPodAutoscaler): readonly Column<T>[] => [
  nameColumn,
  {
    name: 'Reference',
    type: 'string',
    description: 'What is scaled.',
    cell: (object) => `${of(object).spec.scaleTargetRef.kind}/${of(object).spec.scaleTargetRef.name}`,
  },
  {
    name: 'Targets',
    type: 'string',
    description: 'What the metrics say, and for what.',
    cell: (object) => targetsText(of(object)),
  },
  { name: 'MinPods', type: 'string', description: 'The least pods.', cell: (object) => String(of(object).spec.minReplicas) },
  { name: 'MaxPods', type: 'string', description: 'The most pods.', cell: (object) => of(object).spec.maxReplicas },
  { name: 'Replicas', type: 'string', description: 'How many pods there are.', cell: (object) => of(object).status?.currentReplicas ?? 0 },
  ageColumn,
]

/** The first two, and how many more there are. */
function targetsText({ spec: { metrics = [] }, status }: HorizontalPodAutoscaler): string {
  if (metrics.length === 0) return '<none>'
  const shown = metrics.slice(0, 2).map((metric, i) => targetText(metric, status?.currentMetrics?.[i]))
  return metrics.length > 2 ? `${shown.join(', ')} + ${metrics.length - 2} more...` : shown.join(', ')
}

function targetText({ resource, containerResource, pods, object, external }: MetricSpec, seen: MetricStatus | undefined): string {
  const used = resource ?? containerResource
  if (used !== undefined) {
    const { averageUtilization, averageValue } = used.target
    const current = (seen?.resource ?? seen?.containerResource)?.current
    if (averageValue !== undefined) return `${used.name}: ${current?.averageValue ?? '<unknown>'}/${averageValue}`
    const now = current?.averageUtilization
    return `${used.name}: ${now === undefined ? '<unknown>' : `${now}%`}/${averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`}`
  }
  const current = (seen?.pods ?? seen?.object ?? seen?.external)?.current
  if (pods !== undefined) return `${current?.averageValue ?? '<unknown>'}/${pods.target.averageValue}`
  const target = (object ?? external)?.target
  if (target === undefined) return '<unknown type>'
  return target.averageValue === undefined
    ? `${current?.value ?? '<unknown>'}/${target.value}`
    : `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`
}
