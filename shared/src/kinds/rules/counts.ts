import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { notNegative } from './field-errors.ts'

type Counts = Readonly<Record<string, number | undefined>>

/** Numbers of a status: how many there are. */
export const validateCounts = (counts: Counts, field = 'status'): FieldError[] =>
  Object.entries(counts).flatMap(([name, count]) => notNegative(`${field}.${name}`, count))

/** No part is more than the whole. `whole` is the name of a field. */
export const validateParts = (parts: Counts, whole: { readonly of: number | undefined; readonly text: string }): FieldError[] =>
  Object.entries(parts).flatMap(([name, count = 0]) =>
    count > (whole.of ?? 0) ? [fieldInvalid(`status.${name}`, count, `cannot be greater than ${whole.text}`)] : [],
  )

type Replicas = {
  readonly replicas: number
  readonly fullyLabeledReplicas?: number | undefined
  readonly readyReplicas?: number | undefined
  readonly availableReplicas?: number | undefined
  readonly terminatingReplicas?: number | undefined
  readonly observedGeneration?: number | undefined
}

/** What a ReplicaSet or a ReplicationController tells of its pods. */
export function validateReplicas(status: Replicas | undefined): FieldError[] {
  if (status === undefined) return []
  const { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas, terminatingReplicas, observedGeneration } = status
  const parts = { fullyLabeledReplicas, readyReplicas, availableReplicas }
  return [
    ...validateCounts({ replicas, ...parts, observedGeneration, terminatingReplicas }),
    ...validateParts(parts, { of: replicas, text: 'status.replicas' }),
    ...validateParts({ availableReplicas }, { of: readyReplicas, text: 'readyReplicas' }),
  ]
}

type Collisions = { readonly status?: { readonly collisionCount?: number } }

/** Names that were drawn once must not be drawn again. */
export const validateCollisions = ({ status: next }: Collisions, { status: previous }: Collisions): FieldError[] =>
  (next?.collisionCount ?? 0) < (previous?.collisionCount ?? 0)
    ? [fieldInvalid('status.collisionCount', next?.collisionCount ?? 0, 'cannot be decremented')]
    : []
