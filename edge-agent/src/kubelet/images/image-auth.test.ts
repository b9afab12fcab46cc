import { describe, expect, it } from 'vitest'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import { authsFor } from './image-auth.ts'

const secret = (auths: object, key = '.dockerconfigjson') =>
  ({ data: { [key]: Buffer.from(JSON.stringify(key === '.dockercfg' ? auths : { auths })).toString('base64') } }) as unknown as Secret // only data is read
const secrets = [
  secret({ 'https://index.docker.io/v1/': { auth: 'hub' }, 'reg.example.com:5000': { username: 'u', password: 'p' } }),
  secret({ 'reg.example.com:5000/team': { auth: 'team' } }, '.dockercfg'),
  { data: { '.dockerconfigjson': '!' } } as unknown as Secret,
]

describe('credentials for an image', () => {
  it.each([
    ['busybox', [{ auth: 'hub' }]],
    ['org/app:1', [{ auth: 'hub' }]],
    ['reg.example.com:5000/app:1', [{ username: 'u', password: 'p' }]],
    ['reg.example.com:5000/team/app', [{ auth: 'team' }, { username: 'u', password: 'p' }]],
    ['reg.example.com:5000/teams/app', [{ username: 'u', password: 'p' }]],
    ['reg.example.com/app', []],
    ['ghcr.io/x/y', []],
  ])('%s is pulled with %j', (image, auths) => {
    expect(authsFor(image, secrets)).toEqual(auths)
  })

  it('each that fits one registry is tried in turn, the same one once', () => {
    const [wrong, right] = [
      { username: 'u', password: 'wrong' },
      { username: 'u', password: 'right' },
    ]
    const given = [
      secret({ 'registry.local': wrong }),
      secret({ 'https://registry.local/v2/': right }),
      secret({ 'registry.local': wrong }),
    ]
    expect(authsFor('registry.local/box:1', given)).toEqual([wrong, right])
  })

  it('of thousands that fit some are tried', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => [
      `${'*'.repeat(1 + (index % 100))}${'?'.repeat(Math.floor(index / 100) % 9)}*.local`,
      { auth: `${index}` },
    ])
    expect(authsFor('registry.local/app', [secret(Object.fromEntries(names))]).length).toBeLessThanOrEqual(32)
  })

  it.each([
    ['*.example.com', 'eu.example.com/app', true],
    ['*.example.com', 'a.b.example.com/app', false],
    ['*.example.com', 'example.com/app', false],
    ['re?.example.com', 'reg.example.com/app', true],
    ['registry.local', 'registry.local:5000/app', false],
    ['registry.local/team/app', 'registry.local/team/app:1', true],
    ['registry.local/team/app', 'registry.local/team/app@sha256:00', true],
    ['registry.local', 'registryxlocal/app', false],
    ['https://registry.local/v1/team', 'registry.local/team/app', true],
    ['registry.local/v2/', 'registry.local/team/app', true],
    ['a*b?c*.local', 'axxbycz.local/app', true],
    ['a*b?c*.local', 'axxbcz.local/app', false],
    ['**.local', 'x.local/app', true],
    ['*', 'localhost/app', true],
    [`${'*a'.repeat(30)}*b.local`, `${'a'.repeat(60)}.local/app`, false],
  ])('a secret for %s and the image %s: %s', (key, image, isFitting) => {
    expect(authsFor(image, [secret({ [key]: { auth: 'x' } })])).toHaveLength(isFitting ? 1 : 0)
  })
})
