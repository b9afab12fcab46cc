import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Registry } from '../../objects/registry.ts'
import { conditionsMet } from '../matching/conditions.ts'
import type { Scene, View } from '../matching/scene.ts'
import { namespaceIsSelected, objectIsSelected } from '../matching/selectors.ts'
import type { Candidate } from './candidates.ts'
import type { Hook } from './hooks.ts'

/** What a webhook is to be shown, if it is to be asked; undefined: it is not. Throws where that cannot be told. */
export async function chosen<H extends Hook>(
  { hook, version }: Candidate<H>,
  scene: Scene,
  { registry }: { readonly registry: Registry },
): Promise<View | undefined> {
  const { question } = scene
  const { namespaceSelector, objectSelector, failurePolicy } = hook.webhook
  if (!objectIsSelected(objectSelector, question) || !namespaceIsSelected(registry, namespaceSelector, question)) return undefined
  const view = await scene.view(version)
  const conditions = hook.conditions()
  if (conditions.length === 0) return view
  const met = conditionsMet(conditions, view.valueOf)
  if (typeof met === 'boolean') return met ? view : undefined
  if (failurePolicy === 'Ignore') return undefined
  const { kind, name } = question
  const qualified = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  const what = name === '' ? qualified : `${qualified} ${JSON.stringify(name)}`
  throw new ApiError('Forbidden', `${what} is forbidden: ${met.error}`, { name, group: kind.group, kind: kind.resource })
}
