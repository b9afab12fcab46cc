import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/meta/quantity.ts',
    search: `a % b === 0n ? a / b : a / b + 1n)`,
    replace: `a / b)`,
    why: `a tiny request becomes none`,
    tests: ['shared/src/meta/quantity.test.ts'],
  },
  {
    file: 'shared/src/meta/quantity.ts',
    search: `const capped = magnitude > largest ? largest : magnitude`,
    replace: `const capped = magnitude`,
    why: `a quantity grows beyond 64 bits`,
    tests: ['shared/src/meta/quantity.test.ts'],
  },
  {
    file: 'shared/src/meta/quantity.ts',
    search: `if (nano === 0n) return '0'`,
    replace: `if (nano === 0n) return '0m'`,
    why: `zero is printed otherwise than Kubernetes does`,
    tests: ['shared/src/meta/quantity.test.ts'],
  },
  {
    file: 'shared/src/meta/label-matcher.ts',
    search: `for (const value of values) terms.not.add(value)`,
    replace: `terms.isNeeded = values.every((value) => terms.not.add(value) !== undefined)`,
    why: `notin leaves out what has no such label`,
    tests: ['shared/src/meta/label-selector.test.ts'],
  },
  {
    file: 'shared/src/meta/label-matcher.ts',
    search: `values.filter((value) => among.has(value))`,
    replace: `values`,
    why: `one requirement of many is enough`,
    tests: ['shared/src/meta/label-matcher.test.ts'],
  },
  {
    file: 'shared/src/meta/time.ts',
    search: `day > daysInMonth || hours > 23`,
    replace: `hours > 23`,
    why: `February 30 is a day`,
    tests: ['shared/src/meta/time.test.ts'],
  },
  {
    file: 'shared/src/meta/int-or-string.ts',
    search: `return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact)`,
    replace: `return Math.round(exact)`,
    why: `a share of pods is rounded the wrong way`,
    tests: ['shared/src/meta/int-or-string.test.ts'],
  },
]
