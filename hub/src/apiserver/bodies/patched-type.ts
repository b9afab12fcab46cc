import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { undecodable } from '../patch/undecodable.ts'
import { type BodyType, saidOfType } from './object-body.ts'
import type { GivenPatch } from './patch-body.ts'

/** What is patched is what the URL says, whatever a strategic merge says of it; the others decode what they make by what it says. */
export function ofType(type: Pick<BodyType, 'kind' | 'apiVersion'>, given: GivenPatch, patched: unknown): object {
  const own = { apiVersion: type.apiVersion, kind: type.kind }
  if (!isObject(patched)) throw undecodable(given, `what it makes is no object of ${JSON.stringify(own.kind)}`)
  const said = saidOfType({ ...patched }, own)
  const isText = typeof said.kind === 'string' && typeof said.apiVersion === 'string'
  const isSame = said.kind === own.kind && said.apiVersion === own.apiVersion
  if (!isSame && !(isText && given.type === 'application/strategic-merge-patch+json'))
    throw undecodable(
      given,
      `no kind ${exactJson(said.kind)} is registered for version ${exactJson(said.apiVersion)}: expected ${own.kind}`,
    )
  return { ...patched, ...own }
}
