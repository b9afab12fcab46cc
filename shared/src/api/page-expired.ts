import { ApiError } from './api-error.ts'

/** 410 for who goes on with a list whose history is gone, with the token that goes on at the same place in what there is now. */
export class PageExpired extends ApiError {
  readonly continueToken: string
  constructor(continueToken: string) {
    super(
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue ' +
        'parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token ' +
        'results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and ' +
        'now may show up in the list.',
    )
    this.continueToken = continueToken
  }
}
