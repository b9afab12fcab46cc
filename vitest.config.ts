// Where a bare `vitest` looks.
export { default } from './test/vitest.config.ts'
