import { ApiError, type StatusDetails, type StatusReason } from './api-error.ts'

type Told = {
  /** Of ours, the nearest. */
  readonly reason: StatusReason
  readonly code: number
  readonly word: string
  readonly message: string
  readonly details: StatusDetails
}

/**
 * A refusal in the words of somebody whom the hub asks, or because of what they said: the code is theirs, and the reason, which may be any word or none.
 * Whatever it is, it is no fault of the hub.
 */
export class ForeignRefusal extends ApiError {
  readonly code: number
  readonly word: string

  constructor({ reason, code, word, message, details }: Told, options: ErrorOptions = {}) {
    super(reason, message, details, options)
    this.code = code
    this.word = word
  }
}
