import type { WithStatus } from '@bramble/shared/schema/kind.ts'

/** The second object with the status of the first. Neither is changed, and what the result has of them is shared. */
export function withStatusOf({ status }: WithStatus, object: WithStatus): WithStatus {
  const { status: _before, ...rest } = object
  return status === undefined ? rest : { ...rest, status }
}
