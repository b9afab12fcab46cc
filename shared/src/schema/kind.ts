import * as z from 'zod'
import { marked } from '../discover.ts'
import type { ApiError, FieldError } from '../api/api-error.ts'
import type { KubeObject, Resource } from '../api/client.ts'
import { readInDoubt } from './read-in-doubt.ts'
import { saidHere, schemaError, schemaFieldErrors } from './schema-error.ts'
import type { Storage } from './storage.ts'
import { type TypeNode, typeNodeOf } from './type-node.ts'

export { apiVersionOf } from './api-version.ts'

/** What the rules of a kind may know about the request. */
export type RuleContext = { readonly now: () => Date; readonly random: () => number }

/** One column of the server-side printed table (`kubectl get`). `priority` > 0 shows with `-o wide` only. */
export type Column<T> = {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description: string
  readonly priority?: number
  /** A date column answers the RFC 3339 time; the table prints its age. */
  /** Null is nothing to show; undefined what the type has instead. */
  cell(object: T, now: Date): string | number | boolean | null | undefined
}

/** Where `kubectl scale` finds its numbers, as dotted paths into the object. */
export type ScalePaths = { readonly specReplicas: string; readonly statusReplicas: string; readonly selector: string }

export type StatusKeeps = 'labels' | 'annotations' | 'finalizers' | 'ownerReferences'

/** For kinds whose status says nothing of the rest. */
export const allMetadata: readonly StatusKeeps[] = ['labels', 'annotations', 'finalizers', 'ownerReferences']

/** Written as a method, as the rules below are, so that a kind of one type passes where any kind is asked for. */
type FieldReader<T> = { read(object: T): string }['read']

export type StatusRules<T> = {
  /** As of the whole. */
  setDefaults?(object: T): void
  validate(object: T): readonly FieldError[]
  /** Of the labels and the like that come with a status as well. */
  validateUpdate?(next: T, previous: T): readonly FieldError[]
}

export type KindDefinition<T extends KubeObject> = {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural, lower case: `pods`. */
  readonly resource: string
  readonly singular: string
  /** What a list of them calls itself; default: the kind and List. */
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly namespaced: boolean
  /** In what is wrong with its objects Kubernetes names them by this group; default: its own. */
  readonly toldGroup?: string
  /** Where Kubernetes tells what is wrong under a path by another path. */
  readonly toldPaths?: Readonly<Record<string, string>>
  /** What this kind is for, in our own words: `kubectl explain`. */
  readonly description: string
  /** The most parts that one of it may have; default: `maxObjectParts`. */
  readonly maxParts?: number
  /** `memory`: never written to disk and gone after a restart (leases, events): SD cards are the budget. Default `disk`. */
  readonly durability?: 'disk' | 'memory'
  /** Sealed with the hub's key before it reaches the disk. */
  readonly encrypted?: boolean
  /** For a resource with more than one version; default: stored in this one. */
  readonly storage?: Storage
  /** An object of a kind with memory durability older than this is dropped, in milliseconds. */
  readonly ttlMs?: number
  /** So many and so many bytes are kept of a kind with memory durability; with a time to live the oldest make room, else new ones are refused. */
  readonly kept?: { readonly count: number; readonly bytes: number }
  readonly subresources?: {
    readonly status?: boolean
    /** Of the metadata that users write, what a write of the status leaves as it is; default: nothing of it, as in most kinds of Kubernetes. */
    readonly statusKeeps?: readonly StatusKeeps[]
    readonly scale?: ScalePaths
    /** Further ones that the apiserver serves by name: `binding`, `eviction`, `log`. */
    readonly named?: readonly string[]
  }
  readonly columns: readonly Column<T>[]
  /** Fields for `fieldSelector` beside `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: Readonly<Record<string, FieldReader<T>>>
  /** Those of them by which the hub finds and follows objects without looking at the others. Each is the path of a text in the object. */
  readonly indexedFields?: readonly string[]
  /**
   * What no other object of the kind may have at the same time, as paths of any length (`nodePort/TCP/30080`). Where it comes from chance
   * or a user, admission has to look whether it is free; that it stays free is seen to where the object is written.
   */
  claims?(object: T): readonly string[]
  /** The check of `metadata.name`; default: a DNS-1123 subdomain. */
  readonly nameRule?: 'dns-subdomain' | 'dns-label' | 'dns-label-1035' | 'path-segment' | 'ip'
  /** Defaults that depend on other fields; runs after the schema's own. Changes the object in place. */
  setDefaults?(object: T): void
  /** A PUT makes what is not there; of other kinds it answers that there is nothing to replace. */
  readonly createsOnUpdate?: boolean
  /** A PUT without a resourceVersion is refused: of two holders of a lock one would not hear of the other. */
  readonly needsRevision?: boolean
  /** Called on a replacement (PUT): what the hub filled in and the sender need not know of stays. Changes `next` in place. */
  keepUnsaid?(next: T, previous: T): void
  /** Called before a create or an update is checked: drop what a user may not set, count `generation`. Changes `next` in place. */
  prepareForCreate?(object: T, context: RuleContext): void
  prepareForUpdate?(next: T, previous: T, context: RuleContext): void
  /** What the schema cannot say. */
  validate?(object: T): readonly FieldError[]
  /** What a new object must keep to beside; one that is there already need not. */
  validateCreate?(object: T): readonly FieldError[]
  validateUpdate?(next: T, previous: T): readonly FieldError[]
  /** Whether what `validate` tells of an object is about what is as it was before; of kinds that know it better than by what is said of what. */
  isUntouched?(error: FieldError, next: T, previous: T): boolean
  /**
   * What a change of the status alone is held to, of a kind whose status is written by the thousand. Everything beside the status is then the stored
   * object's own, shared and frozen: it is neither read nor filled in nor checked again, and `prepareForUpdate` must not change it.
   */
  readonly statusRules?: StatusRules<T>
  /** What the sender of an object that is taken is told beside the answer: what is out of date in it, or will surprise. */
  warnings?(object: T, previous?: T): readonly string[]
  /**
   * The seconds that a deletion leaves the object, of those that were asked for; 0 ends it at once. A deletion of a kind that has this is
   * answered with the object. Without it there is no grace.
   */
  graceSeconds?(object: T, asked: number | undefined): number
  /** What keeps an object whose deletion was asked for, beside the finalizers in its metadata. */
  heldBy?(object: T): readonly string[]
  /** Called when a deletion was asked for and somebody still holds the object. Changes it in place. */
  prepareForDeletion?(object: T): void
  /** A deletion that says nothing of what the object owns leaves that there, as from before others were asked; the sender hears of it. */
  readonly orphansByDefault?: { readonly warning?: string }
  /** Objects of the kind own nothing and are not collected with what they are about: they come by the thousand and are gone soon. */
  readonly ownsNothing?: boolean
  /** The CustomResourceDefinition that it comes from; none for what is built in. */
  readonly definedBy?: string
  /** Everybody who asks for the kind is told this: what to use instead. */
  readonly deprecated?: string
  /** The verbs that are served; default: all of them. */
  readonly verbs?: readonly Verb[]
}

export const listKindOf = ({ kind, listKind = `${kind}List` }: Pick<KindDefinition<never>, 'kind' | 'listKind'>): string => listKind

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** How JSON becomes an object of a kind. */
export type Reading<T> = {
  /** The whole object. Types, field numbers, list types and merge keys are read from it (see `type-node.ts`). */
  readonly node: TypeNode
  /** Checks a value without unknown fields and fills in defaults; the object is new and may be changed. */
  parse(value: unknown): Parsed<T>
  /** The same of what `statusRules` are about: the status, and the metadata by which its sender names the object. */
  parseStatus?(value: unknown): Parsed<WithStatus>
  /**
   * Reads a value whose types are right although `parse` refuses it; all that is wrong with it is then told at once, by the rules of the
   * kind and by `shapeErrors`.
   */
  parseInDoubt?(value: unknown): T | undefined
  /** What the schema alone refuses of an object that was read in doubt. */
  shapeErrors?(object: T): readonly FieldError[]
  /**
   * Tells the schema from others that this version had or will have while objects are stored. What was stored under another one is
   * pruned and parsed anew when it is read; without it, what is stored is served as it is.
   */
  readonly schemaId?: string
}
export type WithStatus = KubeObject & { status?: unknown }
export type Parsed<T> = { readonly ok: true; readonly object: T } | { readonly ok: false; readonly error: ApiError }

export type Kind<T extends KubeObject = KubeObject> = Resource<T> & KindDefinition<T> & Reading<T> & { readonly isKind: true }

/** A kind whose shape a zod schema tells, as that of all built-in ones. */
export type ZodKind<T extends KubeObject> = Kind<T> & { readonly schema: z.ZodType<T> }

/** Declares one API resource. A file in `kinds/` that exports the result is served, stored, printed, explained and watched. */
export const defineKind = <T extends KubeObject>(definition: KindDefinition<T> & { readonly schema: z.ZodType<T> }): ZodKind<T> => {
  const statusSchema = definition.statusRules === undefined ? undefined : statusPart(definition.schema)
  const refused = (value: unknown, error: z.ZodError): { ok: false; error: ApiError } => ({
    ok: false,
    error: schemaError({ kind: definition, node: typeNodeOf(definition.schema), value, error }),
  })
  return Object.freeze({
    ...definition,
    isKind: true as const,
    get node() {
      return typeNodeOf(definition.schema)
    },
    parse(value: unknown): Parsed<T> {
      const parsed = definition.schema.safeParse(value, saidHere)
      return parsed.success ? { ok: true, object: parsed.data } : refused(value, parsed.error)
    },
    ...(statusSchema !== undefined && {
      parseStatus(value: unknown): Parsed<WithStatus> {
        const parsed = statusSchema.safeParse(value, saidHere)
        // Members of the kind's own schema.
        return parsed.success ? { ok: true, object: parsed.data as WithStatus } : refused(value, parsed.error)
      },
    }),
    parseInDoubt(value: unknown): T | undefined {
      return readInDoubt(definition.schema, typeNodeOf(definition.schema), value)
    },
    shapeErrors(object: T): readonly FieldError[] {
      const parsed = definition.schema.safeParse(object, saidHere)
      return parsed.success ? [] : schemaFieldErrors(object, parsed.error)
    },
  })
}

/** Of the schema of a kind what it says of metadata and status. */
function statusPart(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject)) throw new Error('a kind with rules of its status has a schema of members')
  return schema.pick({ apiVersion: true, kind: true, metadata: true, status: true })
}

export const isKind = marked<Kind>('isKind')
