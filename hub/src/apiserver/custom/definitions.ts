import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { customResourceDefinitions, isEstablished } from '@bramble/shared/kinds/custom-resource-definition.ts'
import { LatelyUsed } from '@bramble/shared/limits/lately-used.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { isConditionTrue } from '@bramble/shared/meta/conditions.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { ChangingKindSet } from '@bramble/shared/schema/kind-set.ts'
import type { CustomResourceDefinition } from '@bramble/shared/types/custom-resource-definition.ts'
import type { Entry, StoreEvent } from '../../store/store.ts'
import type { ConverterOf } from '../conversion/webhook.ts'
import type { Registry } from '../objects/registry.ts'
import { customKindsOf } from './custom-kinds.ts'
import { limits } from './limits.ts'
import { builtInNames, kindNames, resourceNames, type Sort } from './names.ts'
import { createReminder } from './reminder.ts'
import { settle } from './settle.ts'

export type Definitions = {
  /** Serves everything that is stored, and from then on whatever comes, changes and goes, in the turn in which the hub hears of it. */
  start(handle: Handler): Promise<void>
  /** Writes into a definition what becomes of it. */
  settle(definition: CustomResourceDefinition): void
  /** Throws if there is no room for it beside the others. */
  checkRoom(definition: CustomResourceDefinition): void
  close(): void
}

export type DefinitionsDeps = {
  readonly registry: Registry
  readonly kinds: ChangingKindSet
  readonly clock: Clock
  readonly log: Log
  readonly converterOf: ConverterOf
}

/** What is known of a stored definition. */
type Known = {
  entry: Entry
  readonly group: string
  /** Its names, as `claims` has them. */
  claimed: readonly string[]
  kinds: readonly Kind[]
  isWaiting: boolean
  /** It is established, and yet its kinds do not fit the others: of two that came at once one was first. */
  isLeftOut: boolean
  versions: number
  schemaProblem: string | undefined
}

/** The custom resources that the hub serves, as the stored definitions say. One that cannot be served costs itself and is told of. */
export function createDefinitions({ registry, kinds, clock, log, converterOf }: DefinitionsDeps): Definitions {
  const { store } = registry
  const prefix = registry.prefixOf(customResourceDefinitions)
  const isBuiltIn = builtInNames(kinds.all())
  const known = new Map<string, Known>()
  /** Who has a name, first come first served. */
  const claims = new Map<string, string>()
  const reminder = createReminder(log)
  const schemas = new LatelyUsed(limits.keptCharacters)
  let watch: { close(): void } | undefined

  const read = (entry: Entry): CustomResourceDefinition => registry.objectOf(customResourceDefinitions, entry)

  const claimOf = (group: string, sort: Sort, name: string) => `${group} ${sort} ${name}`
  const release = (name: string, { claimed }: Pick<Known, 'claimed'>) => {
    for (const claim of claimed) if (claims.get(claim) === name) claims.delete(claim)
  }
  const claim = (name: string, { spec: { group }, status }: CustomResourceDefinition): readonly string[] => {
    const names = status?.acceptedNames
    if (names === undefined) return []
    const wanted = [
      ...resourceNames(names).map((each) => claimOf(group, 'resource', each)),
      ...kindNames(names).map((each) => claimOf(group, 'kind', each)),
    ]
    for (const each of wanted) if (!claims.has(each)) claims.set(each, name)
    return wanted
  }

  const put = (entry: Entry, previous: Entry | undefined): void => {
    const name = entry.key.slice(prefix.length)
    const before = known.get(name)
    const definition = read(entry)
    const claimed = before?.claimed ?? []
    if (before !== undefined) release(name, before)
    const now: Known = before ?? {
      ...{
        entry,
        group: definition.spec.group,
        claimed: [],
        kinds: [],
        isWaiting: false,
        isLeftOut: false,
        versions: 0,
        schemaProblem: undefined,
      },
    }
    known.set(name, now)
    now.entry = entry
    now.versions = definition.spec.versions.length
    now.claimed = claim(name, definition)
    if (claimed.some((each) => !now.claimed.includes(each))) freeNames(now.group)
    now.isWaiting = !isConditionTrue(definition.status?.conditions, 'NamesAccepted')
    if (before !== undefined && previous !== undefined && !now.isLeftOut && servedAlike(read(previous), definition)) return
    if (now.schemaProblem !== undefined) remind(name)
    now.schemaProblem = undefined
    const next = isEstablished(definition) ? kindsOf(name, now, definition) : []
    now.isLeftOut = true
    if (now.isWaiting) remind(name)
    try {
      kinds.replace(now.kinds, next)
      now.kinds = next
      now.isLeftOut = false
    } catch (error) {
      now.isWaiting = true
      remind(name)
      throw error
    }
  }

  const kindsOf = (name: string, about: Known, definition: CustomResourceDefinition): readonly Kind[] =>
    customKindsOf({
      definition,
      converterOf,
      again: () => read(about.entry),
      memo: (make) => schemas.memo(about.entry.value.length, make),
      onProblem(problem) {
        if (about.schemaProblem !== undefined) return
        about.schemaProblem = problem
        log.error({ definition: name, problem }, 'the schema of a stored definition cannot be used')
        remind(name)
      },
    })

  const drop = (name: string): void => {
    const gone = known.get(name)
    if (gone === undefined) return
    known.delete(name)
    release(name, gone)
    kinds.replace(gone.kinds, [])
    freeNames(gone.group)
  }

  /** Somebody may have waited for a name of the group. */
  const freeNames = (group: string): void => {
    for (const [name, each] of known) if (each.isWaiting && each.group === group) remind(name)
  }
  const remind = (name: string): void => reminder.remind(name)

  const guarded = (key: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      log.error({ key, error: messageOf(error) }, 'a stored definition of a custom resource cannot be served')
    }
  }
  const follow = (events: readonly StoreEvent[]): void => {
    for (const { type, entry, previous } of events)
      guarded(entry.key, () => (type === 'delete' ? drop(entry.key.slice(prefix.length)) : put(entry, previous)))
  }

  const whyNot = (definition: CustomResourceDefinition): string | undefined => {
    try {
      const next = customKindsOf({ definition, converterOf, again: () => definition, onProblem: () => {} })
      kinds.check(known.get(definition.metadata.name)?.kinds ?? [], next)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  return {
    async start(handle) {
      reminder.start(handle)
      const { entries, revision } = store.list(prefix)
      for (const entry of entries.toSorted((a, b) => a.createRevision - b.createRevision)) {
        if (isTurnOver()) await nextTurn()
        guarded(entry.key, () => put(entry, undefined))
      }
      watch = store.watch(prefix, revision, follow)
    },
    settle(definition) {
      const { name } = definition.metadata
      const { group } = definition.spec
      const isTaken = (sort: Sort, word: string) => {
        const owner = claims.get(claimOf(group, sort, word))
        return word !== '' && ((owner !== undefined && owner !== name) || isBuiltIn(group, sort, word))
      }
      const schemaProblem = known.get(name)?.schemaProblem
      settle(definition, { isTaken, whyNot, schemaProblem, now: formatTime(new Date(clock.now())) })
    },
    checkRoom(definition) {
      const others = [...known].filter(([name]) => name !== definition.metadata.name).map(([, each]) => each)
      const sum = (of: (each: Known) => number) => others.reduce((all, each) => all + of(each), 0)
      const tooMuch = (what: string) => new ApiError('InsufficientStorage', `there is no room for this definition: ${what}`)
      const refuse = (what: string) => {
        throw tooMuch(`all of them together ${what}: delete some`)
      }
      if (definition.spec.versions.length > limits.versionsOfOne) throw tooMuch(`it may have no more than ${limits.versionsOfOne} versions`)
      if (others.length >= limits.definitions) refuse(`may be no more than ${limits.definitions}`)
      if (sum(({ versions }) => versions) + definition.spec.versions.length > limits.versions)
        refuse(`may have no more than ${limits.versions} versions`)
      const size = exactJson(definition).length
      if (sum(({ entry }) => entry.value.length) + size > limits.characters) refuse(`may have no more than ${limits.characters} characters`)
    },
    close() {
      watch?.close()
      reminder.close()
    },
  }
}

/** Whether nothing has changed by which its kinds are made. */
const servedAlike = (a: CustomResourceDefinition, b: CustomResourceDefinition): boolean =>
  isEstablished(a) === isEstablished(b) &&
  isConditionTrue(a.status?.conditions, 'Terminating') === isConditionTrue(b.status?.conditions, 'Terminating') &&
  isSameJson(a.status?.acceptedNames, b.status?.acceptedNames) &&
  isSameJson(a.spec, b.spec)
