import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { expect, it } from 'vitest'
import { stableOf } from '../../testing/doors.ts'
import { isSealed } from './storing.ts'

it('what is sealed before it reaches the disk follows the kinds while they come and go', () => {
  const kinds = createKindSet(builtIn)
  const seals = isSealed(kinds)
  const door = '/house.example.com/doors/default/a'
  expect([seals('/core/secrets/default/a'), seals('/core/configmaps/default/a'), seals(door)]).toEqual([true, false, false])
  kinds.add(stableOf(undefined, { encrypted: true }))
  expect([seals('/core/secrets/default/a'), seals(door)]).toEqual([true, true])
})
