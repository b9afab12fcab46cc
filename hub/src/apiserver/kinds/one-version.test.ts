import { kinds } from '@bramble/shared/kinds.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import { expect, it } from 'vitest'

it('no built-in resource has a second version: admission, views and loops know their kinds by identity, and would let it pass', () => {
  expect(eachResourceOnce(kinds)).toEqual(kinds)
})
