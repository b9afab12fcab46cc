import { ApiError } from '@bramble/shared/api/api-error.ts'

/** 405, with what may be done there instead. */
export class NotAllowed extends ApiError {
  readonly methods: readonly string[]
  constructor(methods: readonly string[]) {
    super('MethodNotAllowed', 'the server does not allow this method on the requested resource', { causes: [] })
    this.methods = [...new Set(methods)].sort()
  }
}
