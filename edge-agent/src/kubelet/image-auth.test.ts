import { describe, expect, it } from 'vitest'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import { authFor } from './image-auth.ts'

const secret = (auths: object, key = '.dockerconfigjson') =>
  ({ data: { [key]: Buffer.from(JSON.stringify(key === '.dockercfg' ? auths : { auths })).toString('base64') } }) as unknown as Secret // only data is read
const secrets = [
  secret({ 'https://index.docker.io/v1/': { auth: 'hub' }, 'reg.example.com:5000': { username: 'u', password: 'p' } }),
  secret({ 'reg.example.com:5000/team': { auth: 'team' } }, '.dockercfg'),
  { data: { '.dockerconfigjson': '!' } } as unknown as Secret,
]

describe('credentials for an image', () => {
  it.each([
    ['busybox', { auth: 'hub' }],
    ['org/app:1', { auth: 'hub' }],
    ['reg.example.com:5000/app:1', { username: 'u', password: 'p' }],
    ['reg.example.com:5000/team/app', { auth: 'team' }],
    ['reg.example.com:5000/teams/app', { username: 'u', password: 'p' }],
    ['ghcr.io/x/y', undefined],
  ])('%s is pulled with %j', (image, auth) => {
    expect(authFor(image, secrets)).toEqual(auth)
  })
})
