import { fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { templateMeta } from '../../meta/object-meta.ts'
import { pathText } from '../schema-error.ts'
import { isEmbedded, type JsonSchema, memberSchema } from './json-schema.ts'
import { childPath } from './paths.ts'
import { isFull, type Place, tell } from './place.ts'
import { pay, payForWhole } from './work.ts'

/** That what is called an object of the API within another one says of which kind it is. */
export function embeddedErrors(schema: JsonSchema, value: unknown, place: Place): void {
  if (typeof value !== 'object' || value === null || isFull(place.errors)) return
  pay(place.work, 1)
  if (Array.isArray(value)) {
    const { items } = schema
    if (items !== undefined) value.forEach((item, index) => embeddedErrors(items, item, { ...place, path: `${place.path}[${index}]` }))
    return
  }
  if (isEmbedded(schema)) ownErrors(value as Readonly<Record<string, unknown>>, place) // an object that is no list
  const members = Object.entries(value)
  pay(place.work, members.length)
  for (const [name, member] of members) {
    const known = memberSchema(schema, name)
    if (known !== undefined) embeddedErrors(known, member, { ...place, path: childPath(place.path, name) })
  }
}

function ownErrors(value: Readonly<Record<string, unknown>>, place: Place): void {
  for (const name of ['apiVersion', 'kind'])
    if (!isNamed(value[name])) tell(place, () => fieldRequired(childPath(place.path, name), 'must not be empty'))
  const metadata = value['metadata'] ?? {}
  payForWhole(place.work, metadata)
  pay(place.work, metaSteps)
  const path = childPath(place.path, 'metadata')
  for (const issue of templateMeta.safeParse(metadata).error?.issues ?? [])
    tell(place, () => fieldInvalid(childPath(path, pathText(issue.path)), '', issue.message))
}

/** Some thirty fields, whether they are there or not. */
const metaSteps = 30

const isNamed = (value: unknown): boolean => typeof value === 'string' && value !== ''
