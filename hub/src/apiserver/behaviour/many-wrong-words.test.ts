import type * as exact from '@bramble/shared/json/exact-json.ts'
import { afterEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { createTestApi } from '../testing/api.ts'

const spied = vi.hoisted(() => ({ texts: 0 }))
vi.mock('@bramble/shared/json/exact-json.ts', async (original) => {
  const real = await original<typeof exact>()
  return { ...real, exactJson: (value: unknown) => (spied.texts++, real.exactJson(value)) }
})
const { customError } = z.config()
afterEach(() => void z.config({ customError }))

it('of an object with thirty thousand words that are none of their choice no more is put in words than is told', async () => {
  const { json } = await createTestApi()
  const usages = Array.from({ length: 29_000 }, (_, index) => `wrong ${index}`)
  const body = {
    ...{ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'a' } },
    spec: { request: 'YQ==', signerName: 'example.com/a', usages },
  }
  let saidByZod = 0
  z.config({ customError: () => void saidByZod++ })
  spied.texts = 0
  const { code, body: status } = await json('POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests', { body })
  expect([code, status.details.causes.length]).toEqual([422, 100])
  expect(status.details.causes[99]).toMatchObject({
    ...{ reason: 'FieldValueNotSupported', field: 'spec.usages[99]' },
    message: expect.stringContaining('Unsupported value: "wrong 99": supported values: "any", "cert sign", '),
  })
  // Each that is told names its value and the two dozen words of the choice.
  expect(spied.texts).toBeLessThan(2 * 100 * 30)
  expect(saidByZod).toBe(0)
})
