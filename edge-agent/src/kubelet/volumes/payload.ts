import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { DownwardAPIVolumeFile, KeyToPath } from '@bramble/shared/types/object-volumes.ts'
import type { Objects } from '../env/env.ts'
import { fieldValue, type NodeFacts, resourceValue } from '../env/field-ref.ts'
import { VolumeProblem } from './volume-plugin.ts'

/** A part of a volume, read anew each time it is asked for: its files may be megabytes, and parts are in memory one at a time. */
export type Source = () => Payload
/** Files by path. */
export type Payload = ReadonlyMap<string, PayloadFile>
/** `user`: whose it is, if not root's. */
export type PayloadFile = { readonly data: Uint8Array; readonly mode: number; readonly user?: number | undefined }

type ObjectSource = { readonly name?: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean }

/** Throws at once when the object is not there: nothing of a volume is read before all of it can be. */
export function configMapSource({ name = '', items, optional }: ObjectSource, objects: Objects, defaultMode: number): Source {
  const missing = new VolumeProblem(`configmap "${name}" not found`)
  if (!objects.has('configMap', name, { optional }) && !optional) throw missing
  return () => {
    const object = objects.configMap(name, { optional })
    if (!object && !optional) throw missing
    const data = new Map<string, Uint8Array>()
    for (const [key, text] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(text))
    for (const [key, base64] of Object.entries(object?.binaryData ?? {})) data.set(key, Buffer.from(base64, 'base64'))
    return pick(data, { items, optional, defaultMode, what: `configmap references non-existent config key` })
  }
}

export function secretSource({ name = '', items, optional }: ObjectSource, objects: Objects, defaultMode: number): Source {
  const missing = new VolumeProblem(`secret "${name}" not found`)
  if (!objects.has('secret', name, { optional }) && !optional) throw missing
  return () => {
    const object = objects.secret(name, { optional })
    if (!object && !optional) throw missing
    const data = new Map<string, Uint8Array>()
    for (const [key, base64] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(base64, 'base64'))
    return pick(data, { items, optional, defaultMode, what: `references non-existent secret key` })
  }
}

type PickOptions = {
  readonly items?: readonly KeyToPath[]
  readonly optional?: boolean
  readonly defaultMode: number
  readonly what: string
}

/** All keys, or the items that were asked for under their own paths. */
function pick(data: ReadonlyMap<string, Uint8Array>, { items, optional, defaultMode, what }: PickOptions): Payload {
  if (!items) return new Map([...data].map(([key, bytes]) => [safePath(key), { data: bytes, mode: defaultMode }]))
  const picked = new Map<string, PayloadFile>()
  for (const { key, path, mode = defaultMode } of items) {
    const bytes = data.get(key)
    if (bytes) picked.set(safePath(path), { data: bytes, mode })
    else if (!optional) throw new VolumeProblem(`${what}: ${key}`)
  }
  return picked
}

export function downwardPayload(
  pod: Pod,
  { items = [] }: { readonly items?: readonly DownwardAPIVolumeFile[] },
  { node, defaultMode }: { readonly node: NodeFacts; readonly defaultMode: number },
): Payload {
  const files = new Map<string, PayloadFile>()
  for (const { path, fieldRef, resourceFieldRef, mode = defaultMode } of items) {
    const value = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, node)
      : resourceFieldRef && resourceValue(pod, resourceFieldRef, { allocatable: node.allocatable })
    if (value === undefined) throw new VolumeProblem(`${path}: ${fieldRef?.fieldPath ?? resourceFieldRef?.resource} is not supported`)
    files.set(safePath(path), { data: Buffer.from(value), mode })
  }
  return files
}

/** Nothing of a token that is not there yet. */
export const tokenPayload = (path: string, token: string | undefined, file: Omit<PayloadFile, 'data'>): Payload =>
  new Map(token === undefined ? [] : [[safePath(path), { data: Buffer.from(token), ...file }]])

/**
 * The one way to write the path. The API has checked it; one that leaves the volume must not get through from a cache that was tampered
 * with either.
 */
export function safePath(path: string): string {
  const parts = path.split('/')
  const clean = parts.filter((part) => part !== '' && part !== '.')
  if (clean.length === 0 || path.startsWith('/') || parts.includes('..') || clean[0]?.startsWith('..')) {
    throw new VolumeProblem(`invalid path ${JSON.stringify(path)}: expected a relative path without '..'`)
  }
  return clean.join('/')
}
