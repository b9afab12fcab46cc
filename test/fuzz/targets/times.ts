import { canonicalMicroTime, canonicalTime } from '@bramble/shared/meta/time.ts'
import { same } from '../refusals.ts'
import { defineTarget } from '../target.ts'

export const times = defineTarget({
  name: 'times',
  seeds: [
    '2026-01-02T03:04:05Z',
    '2026-01-02T03:04:05.123456789+02:00',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '2024-02-29T24:00:00Z',
  ],
  words: ['T', 'Z', '+', '-', ':', '.', '00', '60', '99', '2026', '-02-30'],
  open: () => (input) => {
    const text = input.toString()
    for (const canonical of [canonicalTime, canonicalMicroTime]) {
      const time = canonical(text)
      if (time !== undefined) same('a time that was read again', canonical(time), time)
    }
  },
})
