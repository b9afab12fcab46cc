import { isTimeZone, parseCron } from '@bramble/shared/meta/cron.ts'
import { readOrTold } from '../refusals.ts'
import { defineTarget } from '../target.ts'

export const cron = defineTarget({
  name: 'cron',
  seeds: [
    '*/5 * * * *',
    '0 0 1 1 *',
    '1-5,10-20/2 0 * JAN-MAR mon,TUE',
    '@daily',
    '@every 1h30m',
    'TZ=Europe/Berlin 0 3 * * 0',
    'CRON_TZ=UTC @hourly',
  ],
  words: [
    '*',
    '/',
    '-',
    ',',
    ' ',
    '?',
    '@every ',
    '@yearly',
    'TZ=',
    'CRON_TZ=',
    'UTC',
    'Local',
    'jan',
    'SUN',
    '60',
    '0',
    '1h',
    '1ns',
    '24',
  ],
  open: () => (input) => {
    const text = input.toString()
    readOrTold(() => parseCron(text), /./)
    isTimeZone(text)
  },
})
