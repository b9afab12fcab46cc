import { isObject } from '@bramble/shared/json/is-object.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import { pruneUnknown } from '../../bodies/unknown-fields.ts'
import { converting } from '../../ownership/converting.ts'
import { takenOwners } from '../../ownership/of-writes.ts'
import { createVersions } from '../../ownership/versions.ts'
import type { Question } from './question.ts'
import type { SceneDeps } from './scene.ts'

/**
 * What somebody made of an object in one version of its resource, as an object of the request: read and filled in as what comes from outside. He was
 * shown who owns what of it, and nobody owns what he adds.
 */
export async function intoOwnVersion(made: unknown, version: Kind, question: Question, deps: SceneDeps): Promise<KubeObject> {
  const object = await readIn(made, version, question, deps)
  // Options of a connection have no metadata.
  if ('metadata' in object) takenOwners(object)
  return object
}

async function readIn(made: unknown, version: Kind, { kind, type, asker, alsoAs }: Question, deps: SceneDeps): Promise<KubeObject> {
  if (!isObject(made)) throw new Error('what is left is no object')
  if (asker === undefined) throw new Error('nobody reads what becomes of the object')
  if (version === kind || type !== kind) return asker.read(made)
  if (alsoAs?.includes(version) === true) return asker.read({ ...made, apiVersion: apiVersionOf(kind) })
  const parsed = version.parse(pruneUnknown(version.node, made).value)
  if (!parsed.ok) throw parsed.error
  version.setDefaults?.(parsed.object)
  const versions = createVersions(kind, deps)
  return asker.read(await converting(() => versions.convert(parsed.object, apiVersionOf(version), apiVersionOf(kind))))
}
