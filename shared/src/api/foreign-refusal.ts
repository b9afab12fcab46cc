import { ApiError, type StatusDetails, type StatusReason } from './api-error.ts'

type Told = {
  /** Of ours, the nearest. */
  readonly reason: StatusReason
  readonly code: number
  readonly word: string
  readonly message: string
  readonly details: StatusDetails
}

/** A refusal in the words of somebody whom the hub asks: the code is theirs, and the reason, which may be any word or none. */
export class ForeignRefusal extends ApiError {
  readonly code: number
  readonly word: string

  constructor({ reason, code, word, message, details }: Told) {
    super(reason, message, details)
    this.code = code
    this.word = word
  }
}
