import { expect, it } from 'vitest'
import { created, updated } from './rules/testing.ts'
import { serviceAccounts } from './service-account.ts'

it('a service account keeps the names of its secrets, and nothing else that was said of them', () => {
  const given = [{ name: 'a', namespace: 'other', uid: 'u', kind: 'Secret' }]
  const account = created(serviceAccounts, { metadata: { name: 'ci' }, secrets: given })
  expect(account.secrets).toEqual([{ name: 'a' }])
  expect(updated(serviceAccounts, account, (next) => void next.secrets?.push({ name: 'b', uid: 'v' })).secrets).toEqual([
    { name: 'a' },
    { name: 'b' },
  ])
})
