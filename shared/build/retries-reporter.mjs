import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.mjs'

export const retriesFile = join(root, 'dist/test-retries.json')

/** Keeps which tests passed only at a second go, for `npm test`: a test that needs one is a failed test, whoever allowed it. */
// eslint-disable-next-line import/no-default-export -- vitest takes a reporter file's default export
export default class RetriesReporter {
  #retried = []

  onTestCaseResult(test) {
    if ((test.diagnostic()?.retryCount ?? 0) > 0) this.#retried.push(`${test.module.relativeModuleId}: ${test.fullName}`)
  }

  onTestRunEnd() {
    writeFileSync(retriesFile, JSON.stringify(this.#retried))
  }
}
