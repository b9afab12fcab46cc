import type { KubeObject } from '../../api/client.ts'
import { isSameJson } from '../../json/same-json.ts'

type WithSpec = KubeObject & { spec?: unknown }

export function startGeneration({ metadata }: KubeObject): void {
  metadata.generation = 1
}

/** `metadata.generation` says which spec it is: it moves with every change of the spec, and only then. */
export function countGeneration(next: WithSpec, previous: WithSpec): void {
  const seen = previous.metadata.generation ?? 1
  next.metadata.generation = isSameJson(next.spec, previous.spec) ? seen : seen + 1
}
