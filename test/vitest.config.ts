import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { measuringTests } from './harness/measuring.ts'

/** As in the bundle, the tests that stand in a discovered folder are no part of it: importing them would run them again. */
const globWithoutTests = {
  name: 'glob-without-tests',
  enforce: 'pre' as const,
  transform: (code: string) => code.replaceAll(/import\.meta\.glob\('([^']+)\/\*\.ts'/g, "import.meta.glob(['$1/*.ts', '!$1/*.test.ts']"),
}

/** A condition that is waited for may take long on a loaded machine; vitest gives up after a second. */
const patient = { poll: { timeout: 30_000 } }

const root = new URL('..', import.meta.url).pathname
const measuring = measuringTests(root)

const unit = {
  // Vitest leaves one core free, which of two is half of them.
  maxWorkers: availableParallelism(),
  testTimeout: 45_000,
  hookTimeout: 45_000,
  expect: patient,
  setupFiles: ['test/harness/at-rest.ts', 'test/harness/patience.ts'],
}

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [globWithoutTests],
        test: {
          ...unit,
          name: 'unit',
          include: [
            '{hub,edge-agent,shared,firmware-images}/**/*.test.ts',
            'test/{architecture,clients,conformance,extending,fuzz,harness,scale,soak}/**/*.test.ts',
            'test/fault/power-cut/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', ...measuring],
          // What hundreds of files import is imported once in each process: that took longer than many of the tests.
          isolate: false,
        },
      },
      { plugins: [globWithoutTests], test: { ...unit, name: 'unit-measuring', include: [...measuring] } },
      // Real containerd on a two-core machine: one journey at a time.
      {
        plugins: [globWithoutTests],
        test: {
          name: 'e2e',
          sequence: { groupOrder: 1 }, // after the unit tests, not beside them
          include: ['test/journeys/**/*.test.ts', 'test/fault/*.test.ts'],
          testTimeout: 180_000,
          expect: patient,
          hookTimeout: 300_000,
          setupFiles: ['test/harness/tell-logs.ts'],
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
    root,
  },
})
