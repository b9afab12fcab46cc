import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'

/**
 * One of those who say what this node wants: the hub, and whatever on the node itself wants something. Each writes its own objects, in
 * scopes of its own, and nothing that one of them lists, deletes or forgets touches what another wants.
 *
 * A list is complete for its version only. One whose version is below what its source told before (a hub that was restored from an older
 * backup) deletes nothing: what it has replaces what is held; what it lacks stays as unlisted, with the version that was known before, until
 * that version is released and a list lacks it still. A source that knows up to which version it has what it told says so with `giveUp`, and
 * need not be below it: what is no newer is deleted as ever then.
 */
export type Source = {
  readonly name: string
  /** As this source has it, whatever others have under the key. Throws a `NotKept` for one that exists and that this node cannot hold. */
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined
  list<T extends KubeObject>(resource: Resource<T>): readonly T[]
  /** The resourceVersion to resume the watch of this scope from; undefined before the first complete list, and until the next one from `startOver`, or where some of what was stored could not be read. A scope is one watched list: `pods`, `secrets/default/db`. */
  resourceVersion(scope: string): string | undefined
  /** True once a complete list has ever been stored for the scope (also from an earlier life of the process), and all of it could be read. */
  hasSynced(scope: string): boolean
  /** Every scope that has ever been listed and not been forgotten, also those that hold nothing. */
  scopes(): readonly string[]
  /**
   * Puts and deletes, persisted before listeners hear of them; on a disk that cannot be written they are held in memory. Throws a `NotKept`
   * for ConfigMaps and Secrets that have no room: their scope is forgotten, and `hasRoom` tells when it is worth a new try.
   */
  apply(change: SourceChange): void
  /** A complete list: what is stored under the scope and not in it is removed, or stays as unlisted. */
  replace(scope: string, resource: Resource, objects: readonly KubeObject[], resourceVersion: string): void
  /** What would stay as unlisted if a list of this version lacked it. */
  staying(scope: string, resourceVersion: string): readonly ObjectKey[]
  /** What stays as unlisted; undefined when nothing does. */
  unlisted(): Unlisted | undefined
  /** What stays as unlisted with this version, or an earlier one, goes with the next list that lacks it, which is due then. */
  release(resourceVersion: string): void
  /** Its versions mean nothing any more, as it is another than before: what is held stays until the next list of its scope, which is complete whatever its version. */
  startOver(): void
  /**
   * Above this version the source does not have what it told, as after a restore from an older backup: scopes beyond it are listed anew, and what
   * of theirs is newer stays as unlisted until they are, and then as after a list of an older version.
   */
  giveUp(above: string): void
  /** Counts how often versions were given up, in this life of the process: what was asked for before is not to be put together with what is told after. */
  readonly era: number
  /** Whether only a list tells what of the unlisted goes now: of a watch they are no part. */
  isListDue(scope: string): boolean
  /** Drops a scope and its objects. */
  forget(scope: string): void
  /** Forgets a scope and says from now on why it is not kept. */
  withhold(scope: string, why: string): void
  /** False while what was refused under this scope would be refused again. Listeners of ConfigMaps and of Secrets are called when it may have changed. */
  hasRoom(scope: string): boolean
}

export type Unlisted = {
  /** The newest version that was known before. */
  readonly until: string
  /** The source, whose lists share their versions, has told one that was not known before: what it lacks now it does not lack for being old. */
  readonly isPassed: boolean
}

export type SourceChange = {
  readonly scope: string
  readonly resource: Resource
  readonly puts: readonly KubeObject[]
  readonly deletes: readonly ObjectKey[]
  readonly resourceVersion: string
}
