import { expect, it } from 'vitest'
import { sealedRowsIn } from './sealed-rows.ts'

it('which key has sealed how much is read from the metrics of a hub', () => {
  const metrics = '# HELP x\nbramble_store_keys 9\nbramble_store_sealed_rows{key="ab12"} 3\nbramble_store_sealed_rows{key="old"} 0\n'
  expect(sealedRowsIn(metrics)).toEqual(
    new Map([
      ['ab12', 3],
      ['old', 0],
    ]),
  )
})
