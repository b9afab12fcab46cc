import type { KubeObject, ObjectKey } from './client.ts'

/** Which object of its kind it is, as a client asks for it. */
export const keyOf = ({ metadata: { name, namespace } }: Pick<KubeObject, 'metadata'>): ObjectKey =>
  namespace === undefined ? { name } : { name, namespace }

/** `namespace/name`, or `name` alone for what is in no namespace. */
export const keyText = ({ name, namespace }: ObjectKey): string => (namespace === undefined ? name : `${namespace}/${name}`)

export const keyTextOf = ({ metadata }: Pick<KubeObject, 'metadata'>): string => keyText(metadata)

/** What `keyText` wrote. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/')
  return slash < 0 ? { name: text } : { name: text.slice(slash + 1), namespace: text.slice(0, slash) }
}
