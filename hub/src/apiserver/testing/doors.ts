import type { KubeObject } from '@bramble/shared/api/client.ts'
import { apiVersionOf, defineKind, type KindDefinition } from '@bramble/shared/schema/kind.ts'
import { type Conversion, type Storage, sameShape } from '@bramble/shared/schema/storage.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import * as z from 'zod'

/** For tests: a resource with two versions. v1beta1 says whether a door is open, v1 how wide, and both are stored in the one that a test wants. */
export const group = 'house.example.com'

type BetaDoor = KubeObject & { spec: { open: boolean; colour?: string }; status?: { seen?: boolean } }
type Door = KubeObject & { spec: { width: number; lock?: string; replicas?: number }; status?: { seen?: number } }

const names = { group, kind: 'Door', resource: 'doors', singular: 'door', shortNames: ['do'], namespaced: true, columns: [] } as const

const betaSchema = message(`${group}/v1beta1.Door`, {
  apiVersion: z.literal(`${group}/v1beta1`),
  kind: z.literal('Door'),
  metadata: f(1, objectMeta),
  spec: f(2, message(`${group}/v1beta1.DoorSpec`, { open: f(1, z.boolean()), colour: opt(2, z.string()) })),
  status: opt(3, message(`${group}/v1beta1.DoorStatus`, { seen: opt(1, z.boolean(), { ptr: true }) })),
})
const schema = message(`${group}/v1.Door`, {
  apiVersion: z.literal(`${group}/v1`),
  kind: z.literal('Door'),
  metadata: f(1, objectMeta),
  spec: f(2, message(`${group}/v1.DoorSpec`, { width: f(1, z.int()), lock: opt(2, z.string()), replicas: opt(3, z.int()) })),
  status: opt(3, message(`${group}/v1.DoorStatus`, { seen: opt(1, z.int(), { ptr: true }) })),
})

export const betaOf = (storage: Storage | undefined, more: Partial<KindDefinition<BetaDoor>> = {}) =>
  defineKind<BetaDoor>({
    ...{ ...names, version: 'v1beta1', schema: betaSchema as z.ZodType<BetaDoor>, description: 'What can be open.' },
    ...{ subresources: { status: true }, ...(storage && { storage }) },
    ...more,
  })
export const stableOf = (storage: Storage | undefined, more: Partial<KindDefinition<Door>> = {}) =>
  defineKind<Door>({
    ...{ ...names, version: 'v1', schema: schema as z.ZodType<Door>, description: 'What can be open so wide.' },
    subresources: { status: true, scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.seen', selector: '.spec.lock' } },
    ...(storage && { storage }),
    ...more,
  })

const note = 'house.example.com/lock'

/** Of a door that is stored as v1: what v1beta1 cannot say is noted in an annotation, and comes back from there. */
export const toBeta: Conversion = {
  fromStored(object) {
    const { spec, status, metadata, ...rest } = object as Door
    const annotations = { ...metadata.annotations, ...(spec.lock !== undefined && { [note]: spec.lock }) }
    return {
      ...{ ...rest, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) } },
      ...{ spec: { open: spec.width > 0 }, ...(status?.seen !== undefined && { status: { seen: status.seen > 0 } }) },
    } as KubeObject
  },
  toStored(object) {
    const { spec, status, metadata: all, ...rest } = object as BetaDoor
    const { annotations: noted = {}, ...metadata } = all
    const { [note]: lock, ...annotations } = noted
    return {
      ...{ ...rest, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) } },
      ...{ spec: { width: spec.open ? 80 : 0, ...(lock !== undefined && { lock }) } },
      ...(status?.seen !== undefined && { status: { seen: status.seen ? 1 : 0 } }),
    } as KubeObject
  },
}

export const inStable: Storage = { version: 'v1', others: { v1beta1: toBeta } }
export const inBeta: Storage = { version: 'v1beta1', others: { v1: { toStored: toBeta.fromStored, fromStored: toBeta.toStored } } }
export const inSameShape: Storage = { version: 'v1', others: { v1beta1: sameShape } }

export const beta = betaOf(inStable)
export const stable = stableOf(inStable)

export const doorsAt = (version: string, name = '', namespace = 'default') =>
  `/apis/${group}/${version}/namespaces/${namespace}/doors${name === '' ? '' : `/${name}`}`
export const betaDoor = (name: string, spec: object = { open: true }, metadata: object = {}) => ({
  ...{ apiVersion: apiVersionOf({ group, version: 'v1beta1' }), kind: 'Door', metadata: { name, ...metadata }, spec },
})
export const stableDoor = (name: string, spec: object = { width: 80 }, metadata: object = {}) => ({
  ...{ apiVersion: apiVersionOf({ group, version: 'v1' }), kind: 'Door', metadata: { name, ...metadata }, spec },
})
