import { expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { ObjectNode } from '@bramble/shared/schema/type-node.ts'
import { createTestApi, type Json } from '../../../hub/src/apiserver/testing/api.ts'
import { exampleOf, urlOf } from '../../../hub/src/apiserver/testing/examples.ts'
import { type Place, pathText, placesOf } from './places.ts'
import { type Given, holds, withSample } from './samples.ts'

const made = kinds.filter(({ verbs, kind }) => verbs?.includes('create') !== false && kind !== 'APIService')

/** What the server says about an object, or takes from the path, whatever its sender wrote there. */
const ofServer =
  /^(?:apiVersion|kind|metadata\.(?:name|generateName|namespace|selfLink|uid|resourceVersion|generation|creationTimestamp|deletionTimestamp|deletionGracePeriodSeconds|managedFields\b.*))$/

/**
 * The same of single kinds: who asks for a certificate, the names that a definition got; and what Kubernetes takes apart or leaves out as
 * well: texts of a Secret, all but the names of an account's secrets, how long an affinity lasts that there is not.
 */
const ofServerToo: Readonly<Record<string, RegExp>> = {
  CertificateSigningRequest: /^spec\.(?:username|uid|groups|extra)\b/,
  // Of a feature that is off in Kubernetes too.
  Lease: /^spec\.(?:strategy|preferredHolder)$/,
  Secret: /^stringData$/,
  ServiceAccount: /^secrets\[\]\.(?!name$)/,
  Service: /^spec\.sessionAffinityConfig\.clientIP\.timeoutSeconds$/,
  CustomResourceDefinition: /^status\.(?:conditions|acceptedNames)\b/,
}

/** What pods are is walked with a Pod. */
const isOfTemplate = ({ path }: Place): boolean => path.indexOf('spec', path.indexOf('template')) >= 0 && path.includes('template')

type Outcome = 'kept' | 'warned' | 'refused' | 'lost'

/** What is refused says why, and where; what is taken is there, or a warning names it. */
function outcomeOf({ field }: Place, { code, body, headers }: Json, { read, value }: Given): Outcome {
  if (code !== 201 && code !== 200) {
    const causes: readonly { field: string }[] = body.details?.causes ?? []
    return [400, 403, 422].includes(code) && (code !== 422 || causes.every((cause) => cause.field !== '')) ? 'refused' : 'lost'
  }
  if (holds(read(body), value)) return 'kept'
  return String(headers['warning'] ?? '').includes(field.name) ? 'warned' : 'lost'
}

async function walked(kind: Kind): Promise<{ readonly places: number; readonly lost: readonly string[]; readonly kept: number }> {
  const { json } = await createTestApi()
  const example = exampleOf(kind, 'a')
  const root = kind.node as ObjectNode // as the node of every kind
  const url = urlOf(kind)
  const hasStatus = kind.subresources?.status === true
  expect((await json('POST', url, { body: example })).code).toBe(201)
  const { body: stored } = await json('GET', `${url}/${example.metadata.name}`)
  const places = placesOf(root).filter(
    (place) => !ofServer.test(pathText(place.path)) && ofServerToo[kind.kind]?.test(pathText(place.path)) !== true && !isOfTemplate(place),
  )
  const lost: string[] = []
  let kept = 0
  for (const place of places) {
    const isStatus = hasStatus && place.path[0] === 'status'
    const given = withSample(isStatus ? stored : exampleOf(kind, 'b'), place, root)
    const answer = isStatus
      ? await json('PUT', `${url}/${example.metadata.name}/status?dryRun=All`, { body: given.object })
      : await json('POST', `${url}?dryRun=All`, { body: given.object })
    const outcome = outcomeOf(place, answer, given)
    if (outcome === 'kept') kept++
    if (outcome === 'lost')
      lost.push(
        `${pathText(place.path)} = ${JSON.stringify(given.value)?.slice(0, 60)}: ${answer.code} ${answer.body.message?.slice(0, 200) ?? JSON.stringify(given.read(answer.body))}`,
      )
  }
  return { places: places.length, lost, kept }
}

it.each(made.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const))(
  'every field of %s comes back as it was given, is told of in a warning, or is refused by its name',
  async (_name, kind) => {
    const { lost, kept, places } = await walked(kind)
    expect(lost).toEqual([])
    expect(kept).toBeGreaterThan(places / 10)
  },
  240_000,
)
