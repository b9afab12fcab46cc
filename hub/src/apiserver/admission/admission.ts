import type { KubeObject } from '@bramble/shared/api/client.ts'
import { marked } from '@bramble/shared/discover.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { RoleIndex } from '../authz/rbac/role-index.ts'
import type { Definitions } from '../custom/definitions.ts'
import type { KindIndex } from '../discovery/kind-index.ts'
import type { Budget } from '../fairness/budget.ts'
import type { Registry } from '../objects/registry.ts'
import type { QuotaDesk } from '../quota/desk.ts'
import type { Hold } from '../../store/store.ts'
import type { Origin } from '../objects/origin.ts'
import type { PodSecurityConfig } from './pod-security/config.ts'

/** A write on its way in. `object` may be changed in place until it is validated; `previous` is what is stored. */
export type Admission = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: Kind
  readonly namespace?: string
  readonly name: string
  readonly object?: KubeObject
  readonly previous?: KubeObject
  readonly origin: Origin
  /** Shown to the sender beside the answer. */
  readonly warn?: (text: string) => void
  /** What the object is, if it is none of the kind: what is posted to a subresource. */
  readonly type?: TypeName
  /** Of what is posted and kept nowhere: the other versions in which it might have come, and says the same. */
  readonly alsoAs?: readonly Kind[] | undefined
  /** How to delete it: a `DeleteOptions`. */
  readonly options?: () => object
  /** Its name was drawn here, and is none that its sender knows. */
  readonly hasDrawnName?: boolean
  /** Who owns the fields of both (`ownersText`), which stands beside the objects in here and in what is shown to others. */
  readonly owners?: { readonly object?: string | undefined; readonly previous?: string | undefined }
  /** For those who are asked over a network what becomes of the object. */
  readonly asker?: Asker
}

/** What webhooks and policies are asked about: a write, or a connection, of which `object` are the options. */
export type AskedAbout = Omit<Admission, 'operation'> & { readonly operation: Admission['operation'] | 'CONNECT' }

export type TypeName = Pick<Kind, 'group' | 'version' | 'kind' | 'node'>

export type Asker = {
  /** The request: one and the same for all that is asked about because of it. */
  readonly request: object
  /** Aborted when nobody waits for what is asked any more. */
  signal(): AbortSignal
  /** What somebody made of the object, read as what comes from outside is: of the type, with its defaults. Throws if it is none. */
  read(value: object): KubeObject
}

/**
 * Looks at a write before it is stored, in phases; each may throw an `ApiError` to refuse. All plugins go through one phase before the
 * first goes through the next, and within a phase none relies on another: there is no order among them. A deletion is not completed.
 */
export type AdmissionHooks = {
  /** What it looks at; of whoever does not say so it is every kind. */
  readonly kinds?: readonly Kind[]
  /** Turns away who has no business here, before anybody looks at what the write says. */
  guard?(admission: Admission): void | Promise<void>
  /** Fills in what the sender left out. */
  admit?(admission: Admission): void | Promise<void>
  /** Gives what depends on the whole object as its sender and all plugins want it: addresses. */
  complete?(admission: Admission): void | Promise<void>
  /** Looks at the object as it would be stored, and changes nothing. */
  validate?(admission: Admission): void | Promise<void>
  /**
   * What all of this relied on and must still be so in the transaction that writes the object; else the write is decided again. Asked in the
   * turn in which it is written, of a CREATE or an UPDATE: a deletion relies on nothing but what it deletes.
   */
  holds?(admission: Admission): readonly Hold[]
}

export type AdmissionPlugin = AdmissionHooks & { readonly name: string }

/** What plugins are made of. */
export type AdmissionDeps = {
  readonly registry: Registry
  readonly desk: Pick<QuotaDesk, 'check'>
  readonly budget: Budget
  /** For rights that are given for what stands in an object. */
  readonly authorizers: readonly Authorizer[]
  readonly roleIndex: RoleIndex
  readonly kindIndex: KindIndex
  readonly definitions: Pick<Definitions, 'settle' | 'checkRoom'>
  readonly serviceCidr: string
  readonly nodePortRange: { readonly from: number; readonly to: number }
  readonly podSecurity: PodSecurityConfig
  readonly random: () => number
}

/** A file in `plugins/` exports one. */
export type AdmissionMaker = {
  readonly isAdmission: true
  readonly name: string
  readonly create: (deps: AdmissionDeps) => AdmissionHooks
}

export const defineAdmission = (name: string, create: AdmissionMaker['create']): AdmissionMaker =>
  Object.freeze({ isAdmission: true as const, name, create })

export { refused } from './refused.ts'

export const isAdmission = marked<AdmissionMaker>('isAdmission')

export type Phase = 'admit' | 'complete' | 'validate'

type Hook = NonNullable<AdmissionHooks['guard' | Phase]>
type Working = Readonly<Record<Phase, readonly Hook[]>> & { readonly holds: readonly NonNullable<AdmissionHooks['holds']>[] }

/** By the plugins of a hub: who of them looks at a kind. Every write comes by here, and most plugins are about one kind that it is not. */
const workings = new WeakMap<readonly AdmissionPlugin[], WeakMap<Kind, Working>>()

function workingOn(plugins: readonly AdmissionPlugin[], kind: Kind): Working {
  let byKind = workings.get(plugins)
  if (byKind === undefined) workings.set(plugins, (byKind = new WeakMap()))
  let working = byKind.get(kind)
  if (working === undefined) {
    const looking = plugins.filter(({ kinds }) => kinds === undefined || kinds.includes(kind))
    const hooks = (name: 'guard' | Phase) => looking.flatMap((plugin) => plugin[name] ?? [])
    working = {
      admit: [...hooks('guard'), ...hooks('admit')],
      complete: hooks('complete'),
      validate: hooks('validate'),
      holds: looking.flatMap(({ holds }) => holds ?? []),
    }
    byKind.set(kind, working)
  }
  return working
}

/** One phase of all plugins. */
export async function goThrough(phase: Phase, plugins: readonly AdmissionPlugin[], admission: Admission): Promise<void> {
  for (const hook of workingOn(plugins, admission.kind)[phase]) {
    const working = hook(admission)
    // Most decide at once, and nothing waits for those.
    if (working !== undefined) await working
  }
}

export const holdsOf = (plugins: readonly AdmissionPlugin[], admission: Admission): readonly Hold[] =>
  workingOn(plugins, admission.kind).holds.flatMap((holds) => holds(admission))
