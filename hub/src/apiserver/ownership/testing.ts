import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { defineKind } from '@bramble/shared/schema/kind.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { any } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { applied } from './apply.ts'
import { compare } from './compare.ts'
import { nobody, type Owners } from './owners.ts'
import { ownersAfterUpdate } from './update.ts'
import { createConversions } from './converting.ts'
import { createVersions } from './versions.ts'

const version = 'lab.example.com/v1'
const port = message(`${version}.Port`, {
  port: f(1, z.int()),
  protocol: f(2, z.string().default('TCP')),
  name: opt(3, z.string()),
})
const part = message(`${version}.Part`, {
  name: f(1, z.string()),
  value: opt(2, z.string()),
  ports: opt(3, z.array(port), { list: 'map', keys: ['port', 'protocol'] }),
  words: opt(4, z.array(z.string()), { list: 'set' }),
})
const spec = message(`${version}.ThingSpec`, {
  text: opt(1, z.string()),
  count: opt(2, z.int()),
  map: opt(3, z.record(z.string(), z.string())),
  one: opt(4, z.record(z.string(), z.string()), { map: 'atomic' }),
  set: opt(5, z.array(z.string()), { list: 'set' }),
  parts: opt(6, z.array(part), { list: 'map', keys: ['name'] }),
  list: opt(7, z.array(z.string()), { list: 'atomic' }),
  deep: opt(8, message(`${version}.Deep`, { a: opt(1, message(`${version}.Deeper`, { b: opt(1, z.string()), c: opt(2, z.string()) })) })),
  free: opt(9, any),
})
/** For tests: one of everything that an apply tells apart. */
export const things = defineKind({
  ...{ group: 'lab.example.com', version: 'v1', kind: 'Thing', resource: 'things', singular: 'thing', namespaced: true, columns: [] },
  description: 'One of everything.',
  schema: message(`${version}.Thing`, {
    apiVersion: z.literal(version),
    kind: z.literal('Thing'),
    metadata: f(1, objectMeta),
    spec: opt(2, spec, { byValue: true }),
  }) as never, // only its node is read
})

export type Spec = Readonly<Record<string, unknown>>
export type World = { readonly spec: Spec | undefined; readonly owners: Owners }
export const nothing: World = { spec: undefined, owners: nobody }

const versions = createVersions(things, { kinds: { byKind: () => undefined }, conversions: createConversions() })
const place = { kind: things, subresource: '', scope: 'main' } as const
const object = (of: Spec) => ({ spec: of })
const specOf = (value: object): Spec => ((value as { spec?: Spec }).spec ?? {}) as Spec // as made just above

/** `conflict`: the fields, when it was refused. */
export function apply(world: World, manager: string, config: Spec, isForced = false): World & { readonly conflict?: readonly string[] } {
  const live = world.spec === undefined ? undefined : object(world.spec)
  try {
    const result = applied({
      ...{ versions, place, apiVersion: version, live, config: object(config), owners: world.owners, manager, isForced },
      now: '2026-11-27T00:00:00Z',
    })
    return { spec: specOf(result.object), owners: result.owners }
  } catch (error) {
    if (!isApiError(error, 'Conflict')) throw error
    return { ...world, conflict: error.details.causes?.map(({ field = '' }) => field) ?? [] }
  }
}

export function update(world: World, manager: string, next: Spec): World {
  const before = world.spec === undefined ? undefined : object(world.spec)
  const step = { before, after: object(next), apiVersion: version, place }
  return { spec: next, owners: ownersAfterUpdate(versions, step, world.owners, { manager, now: '2026-11-27T00:00:00Z' }) }
}

/** What each owns of the spec. */
export const owned = ({ owners }: World): Record<string, unknown> =>
  Object.fromEntries([...owners.values()].map(({ manager, fields }) => [manager, fields['f:spec'] ?? {}]))

export const specNode = (things.node as ObjectNode).fields.get('spec')?.type as TypeNode // as it was defined

export const differs = (a: unknown, b: unknown): boolean =>
  Object.values(compare(specNode, a, b)).some((set) => Object.keys(set as object).length > 0)
