import type { PodTemplateSpec } from '@bramble/shared/types/pod-template.ts'
import { safeEncode } from '@bramble/shared/meta/generated-name.ts'
import { canonicalJson } from '../canonical-json.ts'

export const podTemplateHashLabel = 'pod-template-hash'

/** A short name for a template: the same template has the same one on every hub and in every version. `collisionCount` makes another one. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const text = canonicalJson(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  return safeEncode(String(fnv1a(text)))
}

/** 32-bit FNV-1a over UTF-8. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** The same pods would come of both. */
export const isSameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b))

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [podTemplateHashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {}
  // A template without metadata and one whose metadata is empty are the same template.
  const { labels: _labels, ...metadata } = template?.metadata ?? {}
  return { metadata: { ...metadata, labels }, spec: template?.spec }
}
