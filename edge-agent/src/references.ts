import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import { configMaps, pathOf, secrets } from './resources.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'

/** An object that a pod needs by its name. */
export type Reference = { readonly type: 'configmaps' | 'secrets'; readonly namespace: string; readonly name: string }

/** `secrets/default/db`: also the scope under which the cache keeps it. */
export const scopeOf = ({ type, ...key }: Reference): string => pathOf(type === 'secrets' ? secrets : configMaps, key)

/** Every ConfigMap and Secret that these pods name, by scope. What a pod spec can name is listed here and nowhere else in the agent. */
export function referencesOf(pods: readonly Pod[]): ReadonlyMap<string, Reference> {
  const references = new Map<string, Reference>()
  for (const { metadata, spec } of pods) {
    const namespace = metadata.namespace ?? 'default'
    const add = (type: Reference['type'], name: string | undefined) => {
      if (name === undefined || name === '') return
      const reference = { type, namespace, name }
      references.set(scopeOf(reference), reference)
    }
    for (const { env, envFrom } of containersOf(spec)) {
      for (const { valueFrom } of env ?? []) {
        add('configmaps', valueFrom?.configMapKeyRef?.name)
        add('secrets', valueFrom?.secretKeyRef?.name)
      }
      for (const { configMapRef, secretRef } of envFrom ?? []) {
        add('configmaps', configMapRef?.name)
        add('secrets', secretRef?.name)
      }
    }
    for (const { configMap, secret, projected } of spec.volumes ?? []) {
      add('configmaps', configMap?.name)
      add('secrets', secret?.secretName)
      for (const source of projected?.sources ?? []) {
        add('configmaps', source.configMap?.name)
        add('secrets', source.secret?.name)
      }
    }
    for (const { name } of spec.imagePullSecrets ?? []) add('secrets', name)
  }
  return references
}
