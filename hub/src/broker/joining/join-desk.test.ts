import { ApiError } from '@bramble/shared/api/api-error.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { createJoinDesk } from './join-desk.ts'

test('who guesses at a token gets no new guesses by asking for others in between', async () => {
  let ms = 0
  const enroll = () => Promise.reject(new ApiError('Unauthorized', 'the join token is unknown'))
  const desk = createJoinDesk({ enroll, clock: { now: () => ms, monotonic: () => ms }, log: silentLog })
  const reasonFor = async (id: string): Promise<string> => {
    const token = `${id}.${'x'.repeat(16)}`
    return JSON.parse(await desk.ask(Buffer.from(JSON.stringify({ token, csr: 'c', node: 'n' })))).status.reason
  }
  for (let guess = 0; guess < 32; guess++) expect(await reasonFor('target')).toBe('Unauthorized')
  expect(await reasonFor('target')).toBe('TooManyRequests')
  for (let other = 0; other < 2000; other++) expect(await reasonFor(String(other).padStart(6, '0'))).toBe('Unauthorized')
  expect(await reasonFor('target')).toBe('TooManyRequests')
  ms += 1000
  for (let guess = 0; guess < 4; guess++) expect(await reasonFor('target')).toBe('Unauthorized')
  expect(await reasonFor('target')).toBe('TooManyRequests')
})

test('a stranger hears why it is refused, and of a fault of ours only that it is one', async () => {
  const faults = [new ApiError('Unauthorized', 'the join token is unknown'), new Error('EACCES: /var/lib/bramble/pki/ca.key')]
  const enroll = () => Promise.reject(faults.shift() ?? new Error('asked too often'))
  const desk = createJoinDesk({ enroll, clock: { now: () => 0, monotonic: () => 0 }, log: silentLog })
  const question = Buffer.from(JSON.stringify({ token: `aaaaaa.${'x'.repeat(16)}`, csr: 'c', node: 'n' }))
  expect(JSON.parse(await desk.ask(question)).status).toEqual({ reason: 'Unauthorized', message: 'the join token is unknown' })
  const { reason, message } = JSON.parse(await desk.ask(question)).status
  expect(reason).toBe('InternalError')
  expect(message).not.toContain('/var/lib')
})
