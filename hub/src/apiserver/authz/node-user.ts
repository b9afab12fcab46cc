import type { User } from '@bramble/shared/api/api-request.ts'

const prefix = 'system:node:'

/** The node that a user is, if it is one. Needs both name and group, as in Kubernetes. */
export const nodeNameOf = ({ name, groups }: User): string | undefined =>
  groups.includes('system:nodes') && name.startsWith(prefix) ? name.slice(prefix.length) : undefined

/** Anything that claims to be a node, also by half: it never gets the rights of other users. */
export const isNode = ({ name, groups }: User): boolean => groups.includes('system:nodes') || name.startsWith(prefix)
