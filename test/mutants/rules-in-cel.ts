import type { Mutant } from './mutant.ts'

const hostile = ['shared/src/cel/hostile.test.ts']
const rules = ['shared/src/schema/structural/rules/rules.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/cel/parser.ts',
    search: 'if (depth > celLimits.depth)',
    replace: 'if (false)',
    why: 'a long sum in a rule ends the hub with a stack that overflows',
    tests: hostile,
  },
  {
    file: 'shared/src/schema/structural/rules/rule-errors.ts',
    search: '(compiled.usesOld || !ratchet.isSame())',
    replace: 'true',
    why: 'an object that a new rule does not like can never be changed again',
    tests: rules,
  },
  {
    file: 'shared/src/schema/structural/rules/rule-errors.ts',
    search: 'if (compiled.usesOld && old === undefined && !isOptional) continue',
    replace: '',
    why: 'an object with a rule about what was before can never be made',
    tests: rules,
  },
  {
    file: 'shared/src/schema/structural/rules/run-rule.ts',
    search: 'purse.left -= before - budget.left',
    replace: '',
    why: 'a hundred rules that each cost what one may hold up the hub for a minute',
    tests: rules,
  },
  {
    file: 'shared/src/schema/structural/rules/rule-costs.ts',
    search: 'const inner = often === undefined ? undefined : within(schema, often)',
    replace: 'const inner = often',
    why: 'a rule about each of a million items is taken, and each object costs the hub seconds',
    tests: ['hub/src/apiserver/custom/rules.test.ts'],
  },
  {
    file: 'shared/src/schema/structural/untouched.ts',
    search: 'const here = () => before !== undefined && isSameJson(now, before)',
    replace: 'const here = () => before !== undefined',
    why: 'whatever an update writes is taken, though the schema refuses it',
    tests: ['shared/src/schema/structural/untouched.test.ts'],
  },
  {
    file: 'shared/src/cel/library/list-shapes.ts',
    search: 'Array.from({ length: Number(end - start) }, (_, index) => list.at(Number(start) + index))',
    replace: 'itemsOf(list).slice(Number(start), Number(end))',
    why: 'a rule that takes parts of a long list holds up the hub for minutes',
    tests: ['shared/src/cel/hostile.test.ts'],
  },
]
