/**
 * One fault, planted by search and replace: the named tests must fail with it in. A file in this folder exports those of one
 * room as `mutants`; `npm run mutants` plants each in a copy of the tree and reports who survived.
 */
export type Mutant = {
  /** From the root of the repository. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly search: string
  readonly replace: string
  /** What a user would lose. */
  readonly why: string
  /** Test files, from the root of the repository. */
  readonly tests: readonly string[]
}
