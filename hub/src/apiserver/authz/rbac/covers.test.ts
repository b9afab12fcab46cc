import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import { describe, expect, it } from 'vitest'
import { missingFrom } from './covers.ts'

const rule = (verbs: string, groups: string, resources: string, names?: string): PolicyRule => ({
  ...{ verbs: verbs.split(' '), apiGroups: groups.split(' '), resources: resources.split(' ') },
  ...(names !== undefined && { resourceNames: names.split(' ') }),
})
const paths = (verbs: string, urls: string): PolicyRule => ({ verbs: verbs.split(' '), nonResourceURLs: urls.split(' ') })

describe('what is owned', () => {
  const cases: readonly [string, readonly PolicyRule[], readonly PolicyRule[], boolean][] = [
    ['covers itself', [rule('get list', 'a b', 'x y')], [rule('get list', 'a b', 'x y')], true],
    ['covers in pieces of several rules', [rule('get', 'a', 'x'), rule('list', 'a', 'x')], [rule('get list', 'a', 'x')], true],
    ['does not cover another verb', [rule('get', 'a', 'x')], [rule('list', 'a', 'x')], false],
    ['does not cover another group', [rule('get', 'a', 'x')], [rule('get', 'b', 'x')], false],
    ['covers with stars', [rule('*', '*', '*')], [rule('get', 'a', 'x/y', 'n')], true],
    ['covers a star with a star alone', [rule('get list watch', 'a', 'x')], [rule('*', 'a', 'x')], false],
    ['covers a subresource by any of its name', [rule('get', 'a', '*/scale')], [rule('get', 'a', 'x/scale')], true],
    ['does not cover a subresource by its resource', [rule('get', 'a', 'x')], [rule('get', 'a', 'x/scale')], false],
    ['covers one by all', [rule('get', 'a', 'x')], [rule('get', 'a', 'x', 'n')], true],
    ['does not cover all by one', [rule('get', 'a', 'x', 'n')], [rule('get', 'a', 'x')], false],
    ['does not cover another by one', [rule('get', 'a', 'x', 'n')], [rule('get', 'a', 'x', 'n m')], false],
    ['covers paths by what they begin with', [paths('get', '/a/*')], [paths('get', '/a/b /a/*')], true],
    ['does not cover more of a path', [paths('get', '/a/b')], [paths('get', '/a/*')], false],
    ['does not cover paths by resources', [rule('*', '*', '*')], [paths('get', '/a')], false],
  ]
  it.each(cases)('%s', (_, owned, wanted, expected) => {
    expect(missingFrom(owned, wanted)?.length === 0).toBe(expected)
  })
})
