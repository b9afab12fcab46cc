import type { ListQuery, Resource } from '@bramble/shared/api/client.ts'

/** One list of the hub that is followed, by the name that it has in the cache. */
export type Scope = { readonly name: string; readonly resource: Resource; readonly query: ListQuery }
