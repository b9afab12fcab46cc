/** With what a stored object begins: what it is, and how it is written. */
export type StoredHead = {
  readonly kind: string
  /** The version that it is written in. */
  readonly apiVersion: string
  /** Of a kind whose schema changes the one that it was checked by. */
  readonly schemaId: string | undefined
}

/** Up to and including the brace of the metadata. */
export function headOf({ kind, apiVersion, schemaId }: StoredHead): string {
  const schema = schemaId === undefined ? '' : `"schemaId":${JSON.stringify(schemaId)},`
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},${schema}"metadata":{`
}

const plain = '"([^"\\\\]*)"'
const syntax = new RegExp(`^\\{"kind":${plain},"apiVersion":${plain},(?:"schemaId":${plain},)?"metadata":\\{`)

/** Undefined: no hub wrote this. */
export function readHead(text: string): { readonly text: string; readonly head: StoredHead } | undefined {
  const match = syntax.exec(text)
  if (match === null) return undefined
  const [head, kind = '', apiVersion = '', schemaId] = match
  return { text: head, head: { kind, apiVersion, schemaId } }
}

// The owners of the fields come next, if there are any. A tab, which no JSON that we write has, ends them, so that nobody need parse them.
const key = '"managedFields":'
const end = ']\t'

export const ownersPart = (owners: string | undefined): string => (owners === undefined ? '' : `${key}${owners}\t,`)

/** Where the rest of the metadata begins, when the head is that long. */
export function endOfOwners(text: string, head: number): number {
  const at = text.startsWith(key, head) ? text.indexOf(end, head) : -1
  return at < 0 ? head : at + end.length + 1
}

export const ownersIn = (text: string, head: number, rest: number): string => text.slice(head + key.length, rest - 2)
