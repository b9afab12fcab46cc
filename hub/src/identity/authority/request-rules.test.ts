import { expect, it } from 'vitest'
import { signers } from './request-rules.ts'

it('no certificate of a client is for the group of masters', () => {
  const asked = { commonName: 'jo', names: [], addresses: [], emails: [], uris: [], usages: ['client auth'] }
  const why = (...organizations: readonly string[]) => signers['kubernetes.io/kube-apiserver-client']({ ...asked, organizations })
  expect(why('users')).toBeUndefined()
  expect(why('users', 'system:masters')).toBe('subject organization system:masters is not allowed')
})
