import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubectl, startKubectl } from '../testing/kubectl.ts'
import { createTestApi } from '../testing/api.ts'

/** A service account as people and programs use one. */
describe('an account, by kubectl and the JavaScript client', () => {
  let running: Kubectl
  let token: string
  beforeAll(async () => {
    running = await startKubectl(await createTestApi())
    await running.kubectl(['create', 'serviceaccount', 'robot'])
    token = (await running.kubectl(['create', 'token', 'robot', '--duration=20m'])).out.trim()
  }, 60_000)
  afterAll(() => running[Symbol.asyncDispose]())
  const admin: Kubectl['kubectl'] = (args, stdin) => running.kubectl(args, stdin)
  const robot = (...args: readonly string[]) => running.kubectl(['--user', 'nobody', '--token', token, ...args])

  it('is who its token says, and may do what its role allows', async () => {
    expect((await robot('auth', 'whoami')).out).toMatch(
      /^ATTRIBUTE +VALUE\nUsername +system:serviceaccount:default:robot\nUID +[-\w]+\nGroups +\[system:serviceaccounts system:serviceaccounts:default system:authenticated\]\nExtra: authentication\.kubernetes\.io\/credential-id +\[JTI=[-\w]+\]\n$/,
    )
    expect((await admin(['auth', 'whoami'])).out).toMatch(
      /^Extra: authentication\.kubernetes\.io\/credential-id +\[X509SHA256=[0-9a-f]{64}\]$/m,
    )
    const forbidden =
      'User "system:serviceaccount:default:robot" cannot list resource "configmaps" in API group "" in the namespace "default"'
    expect((await robot('get', 'configmaps')).err).toContain(forbidden)
    await admin(['create', 'role', 'reader', '--verb=get,list', '--resource=configmaps'])
    await admin(['create', 'rolebinding', 'robot', '--role=reader', '--serviceaccount=default:robot'])
    expect(await robot('get', 'configmaps')).toMatchObject({ code: 0 })
    expect((await robot('get', 'secrets')).code).toBe(1)
    expect((await robot('auth', 'can-i', 'delete', 'configmaps')).out).toBe('no\n')
    expect(JSON.parse((await robot('get', '--raw', '/openid/v1/jwks')).out)).toMatchObject({ keys: [{ alg: 'ES256' }] })
    expect((await admin(['get', 'secrets', '--as', 'system:serviceaccount:default:robot'])).err).toContain('cannot list resource "secrets"')
    expect((await robot('get', 'configmaps', '--as', 'jo')).err).toContain('cannot impersonate resource "users"')
    expect((await running.kubectl(['--user', 'nobody', '--token', `${token}x`, 'get', 'configmaps'])).err).toContain(
      'You must be logged in to the server (Unauthorized)',
    )
  }, 60_000)

  it('is asked for by what it is bound to, and refused in the words of Kubernetes', async () => {
    await admin(['create', 'secret', 'generic', 's'])
    const bound = ['create', 'token', 'robot', '--bound-object-kind=Secret', '--bound-object-name=s']
    expect((await admin(bound)).out).toMatch(/^[-\w]+\.[-\w]+\.[-\w]+$/)
    expect((await admin([...bound, '--bound-object-uid=x'])).err).toContain('the UID in the bound object reference (x) does not match')
    expect((await admin(['create', 'token', 'robot', '--duration=1m'])).err).toContain('may not specify a duration less than 10 minutes')
    expect((await admin(['create', 'token', 'nobody'])).err).toContain('serviceaccounts "nobody" not found')
  }, 60_000)

  it('is used by the JavaScript client', async () => {
    const config = new KubeConfig()
    config.loadFromFile(running.kubeconfig)
    config.addUser({ name: 'robot', token })
    config.addContext({ name: 'robot', cluster: 'c', user: 'robot' })
    config.setCurrentContext('robot')
    const api = config.makeApiClient(CoreV1Api)
    expect((await api.listNamespacedConfigMap({ namespace: 'default' })).items).toEqual([])
    await expect(api.listNamespacedSecret({ namespace: 'default' })).rejects.toMatchObject({ code: 403 })
  }, 60_000)
})
