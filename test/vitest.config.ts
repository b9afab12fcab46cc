import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{hub,edge-agent,shared,firmware-images}/**/*.test.ts', 'test/{architecture,conformance}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      // Real containerd on a two-core machine: one journey at a time.
      {
        test: {
          name: 'e2e',
          include: ['test/{journeys,fault}/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
    root: new URL('..', import.meta.url).pathname,
  },
})
