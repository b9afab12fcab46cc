import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createKeyAndCsr } from '@bramble/edge-agent/link/identity/csr.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { keyHashOf } from '@bramble/shared/identity/node-key.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { hubParts } from '../../apiserver/authz/hub-parts.ts'
import { admin, createTestApi } from '../../apiserver/testing/api.ts'
import { createJoinToken } from '../../client/join-token.ts'
import { createLoopbackClient } from '../../client/loopback.ts'
import { openCa, type CertificateAuthority } from '../authority/ca.ts'
import { createEnrollment } from './enroll.ts'
import { signing } from '../authority/signing.ts'
import { createTokenCleaner } from './token-cleaner.ts'
import { createTokens } from './tokens.ts'

const start = Date.UTC(2026, 10, 23)
const hour = 3600 * 1000

let home: string
let ca: CertificateAuthority
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'identity-'))
  ca = await openCa({ dir: join(home, 'pki'), signer: signing, clock: { now: () => start, monotonic: () => 0 } })
})
afterAll(() => rmSync(home, { recursive: true }))

let now: number
/** An administrator. */
let client: Client
/** What lets nodes join, with the rights that it has. */
let gateway: Client
let tokens: ReturnType<typeof createTokens>
let enrollment: ReturnType<typeof createEnrollment>
beforeEach(async () => {
  now = start
  const clock = { now: () => now, monotonic: () => now }
  const { handle } = await createTestApi({ clock })
  client = createLoopbackClient({ handle, user: admin, manager: 'test' })
  gateway = createLoopbackClient({ handle, ...hubParts.gateway })
  const made = createTokens({ client, clock, caHash: ca.caHash })
  tokens = { ...createTokens({ client: gateway, clock, caHash: ca.caHash }), create: made.create }
  enrollment = createEnrollment({ ca, tokens, client: gateway })
})

describe('join tokens', () => {
  it('carry the hash of the CA, and the hub keeps only a hash of their secret', async () => {
    const token = await tokens.create({ ttlMs: hour })
    const [id, secret, hash] = token.split('.')
    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}\.[0-9a-f]{64}$/)
    expect(hash).toBe(ca.caHash)
    const kept = await client.get(secrets, { namespace: 'kube-system', name: `bootstrap-token-${id}` })
    expect(kept.type).toBe('bootstrap.kubernetes.io/token')
    const values = Object.values(kept.data ?? {}).map((value) => Buffer.from(value, 'base64').toString())
    expect(values).not.toContain(secret)
    expect(await tokens.verify(token)).toEqual({ id, made: new Date(start), expires: new Date(start + hour), usesLeft: undefined })
  })

  it('made by the command line are the same', async () => {
    const token = await createJoinToken({ client, hubDir: home, ttlMs: hour, now })
    expect(token.endsWith(ca.caHash)).toBe(true)
    await tokens.verify(token)
  })

  it('are good as Kubernetes makes them', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    await client.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: { 'token-id': base64('abcdef'), 'token-secret': base64('0123456789abcdef') },
    })
    expect(await tokens.verify('abcdef.0123456789abcdef')).toMatchObject({ id: 'abcdef' })
    await expect(tokens.verify('abcdef.0123456789abcdee')).rejects.toThrow('unknown or was revoked')
  })

  it('are refused with a sentence when malformed, unknown, for another hub, expired or revoked', async () => {
    const token = await tokens.create({ ttlMs: hour })
    const [id, secret] = token.split('.') as [string, string]
    const refused = (text: string, message: string | RegExp) =>
      expect(tokens.verify(text)).rejects.toMatchObject({ reason: 'Unauthorized', message: expect.stringMatching(message) as string })
    await refused('', 'the join token is malformed')
    await refused(`${id}.short`, 'the join token is malformed')
    await refused(`zzzzzz.${secret}`, 'the join token zzzzzz is unknown or was revoked: make a new one')
    await refused(`${id}.${'z'.repeat(16)}`, 'is unknown or was revoked')
    await refused(`${id}.${secret}.${'0'.repeat(64)}`, 'is for another hub')
    now += hour
    await refused(token, /expired at 2026-11-23T01:00:00.000Z: make a new one with `bramble token create`/)
    now -= hour
    expect((await tokens.list()).map((facts) => facts.id)).toEqual([id])
    await tokens.revoke(id)
    await refused(token, 'unknown or was revoked')
  })

  it('made while the clock of the hub ran ahead are refused when it is right again, and not good for years', async () => {
    now = start + 10 * 365 * 24 * hour
    const token = await tokens.create({ ttlMs: hour })
    now = start
    await expect(tokens.verify(token)).rejects.toMatchObject({
      reason: 'Unauthorized',
      message: expect.stringMatching(/was made at 2036-.*yet to come by the clock of the hub.*make a new one/) as string,
    })
  })

  it('are good by the clock of a hub that wakes up in 1970, and by one that stands still while the hub is off', async () => {
    const token = await tokens.create({ ttlMs: hour })
    now = 20_000
    await tokens.verify(token)
    now = start - 12 * hour
    await tokens.verify(token)
  })

  it('that are not for joining are refused', async () => {
    const token = await tokens.create({ ttlMs: hour })
    const [id = ''] = token.split('.')
    const key = { namespace: 'kube-system', name: `bootstrap-token-${id}` }
    const usage = Buffer.from('false').toString('base64')
    const body = { data: { 'usage-bootstrap-authentication': usage } }
    await client.patch(secrets, key, { type: 'application/merge-patch+json', body })
    await expect(tokens.verify(token)).rejects.toMatchObject({
      reason: 'Unauthorized',
      message: expect.stringContaining('is not for joining') as string,
    })
  })

  it('that expired are removed by the hub', async () => {
    await tokens.create({ ttlMs: hour })
    now += 2 * hour
    const stop = new AbortController()
    const log = silentLog
    const removeExpired = () => tokens.removeExpired().finally(() => stop.abort())
    await createTokenCleaner({ tokens: { removeExpired }, log }).run(stop.signal)
    expect(await tokens.list()).toEqual([])
  })

  it('that expired are removed when another is made', async () => {
    await tokens.create({ ttlMs: hour })
    now += 2 * hour
    await tokens.create({ ttlMs: hour })
    expect(await tokens.list()).toHaveLength(1)
  })
})

describe('enrolling', () => {
  const { csrPem } = createKeyAndCsr('pi-7')

  it('turns a token and a certificate request into a node certificate', async () => {
    const { certificatePem, caPem } = await enrollment.enroll({ token: await tokens.create({ ttlMs: hour }), csrPem, node: 'pi-7' })
    expect(caPem).toBe(ca.caPem)
    expect(new X509Certificate(certificatePem).subject).toBe('O=system:nodes\nCN=system:node:pi-7')
  })

  it('gives no certificate without a good token', async () => {
    await expect(enrollment.enroll({ token: 'abcdef.0123456789abcdef', csrPem, node: 'pi-7' })).rejects.toMatchObject({
      reason: 'Unauthorized',
    })
  })

  it.each(['', 'Pi-7', 'pi_7', '-pi', 'a..b', 'a'.repeat(254), 'x\nO=system:masters'])('refuses the node name %j', async (node) => {
    const token = await tokens.create({ ttlMs: hour })
    await expect(enrollment.enroll({ token, csrPem, node })).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('metadata.name: Invalid value') as string,
    })
  })

  it('uses a token up', async () => {
    const token = await tokens.create({ ttlMs: hour, uses: 2 })
    await enrollment.enroll({ token, csrPem, node: 'pi-1' })
    await enrollment.enroll({ token, csrPem, node: 'pi-2' })
    await expect(enrollment.enroll({ token, csrPem, node: 'pi-3' })).rejects.toThrow('is unknown or was revoked')
  })

  it('answers a board again whose answer was lost, though its token is used up, until its Node is deleted', async () => {
    const token = await tokens.create({ ttlMs: hour, uses: 1 })
    const question = { token, csrPem, node: 'pi-7' }
    const { certificatePem } = await enrollment.enroll(question)
    expect((await enrollment.enroll(question)).certificatePem).toBe(certificatePem)
    await expect(enrollment.enroll({ ...question, node: 'pi-8' })).rejects.toThrow('is unknown or was revoked')
    await expect(enrollment.enroll({ ...question, csrPem: createKeyAndCsr('pi-7').csrPem })).rejects.toThrow('is unknown or was revoked')
    await client.delete(nodes, { name: 'pi-7' })
    await expect(enrollment.enroll(question)).rejects.toThrow('is unknown or was revoked')
  })

  it('gives no more certificates than uses when many ask at once', async () => {
    const token = await tokens.create({ ttlMs: hour, uses: 3 })
    const asked = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => enrollment.enroll({ token, csrPem, node: `pi-${n}` })))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  })

  it('does not spend a use on a request it refuses', async () => {
    const token = await tokens.create({ ttlMs: hour, uses: 1 })
    await expect(enrollment.enroll({ token, csrPem: 'nonsense', node: 'pi-7' })).rejects.toMatchObject({ reason: 'Invalid' })
    await enrollment.enroll({ token, csrPem, node: 'pi-7' })
  })

  describe('under a name that is taken', () => {
    const register = async (ready: 'True' | 'Unknown') => {
      const node = await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-7' } })
      const conditions = [{ type: 'Ready', status: ready }]
      await client.update(nodes, { ...node, status: { ...node.status, conditions } }, { subresource: 'status' })
    }
    const beat = async (annotations?: Record<string, string>, renewTime?: string) => {
      await client.create(leases, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'pi-7', namespace: 'kube-node-lease', ...(annotations && { annotations }) },
        ...(renewTime !== undefined && { spec: { renewTime } }),
      })
    }
    const enroll = async () => enrollment.enroll({ token: await tokens.create({ ttlMs: hour }), csrPem, node: 'pi-7' })

    it('is refused for a NotReady node that is connected all the same', async () => {
      enrollment = createEnrollment({ ca, tokens, client: gateway, isConnected: (node) => node === 'pi-7' })
      await register('Unknown')
      await expect(enroll()).rejects.toMatchObject({ reason: 'Conflict', message: expect.stringContaining('is connected') as string })
    })

    it('is refused for a node whose Lease is fresh, whatever its condition says', async () => {
      await register('Unknown')
      await beat({}, new Date(Date.now()).toISOString().replace('Z', '000Z'))
      await expect(enroll()).rejects.toMatchObject({ reason: 'Conflict' })
    })

    it('is refused while the Node has the key of another board, though that is off; deleting the Node gives the name free', async () => {
      await enroll()
      const another = createKeyAndCsr('pi-7').csrPem
      const token = await tokens.create({ ttlMs: hour, uses: 1 })
      await expect(enrollment.enroll({ token, csrPem: another, node: 'pi-7' })).rejects.toMatchObject({
        reason: 'Conflict',
        message: expect.stringMatching(
          /"pi-7": a node with this name has joined with another key.*kubectl delete node pi-7.*--node/,
        ) as string,
      })
      await client.delete(nodes, { name: 'pi-7' })
      await enrollment.enroll({ token, csrPem: another, node: 'pi-7' })
    })

    it('lets the board with the same key in again', async () => {
      await enroll()
      await enroll()
    })

    it('goes to one of two boards that ask at once', async () => {
      const token = await tokens.create({ ttlMs: hour })
      const asked = await Promise.allSettled(
        [1, 2].map(() => enrollment.enroll({ token, csrPem: createKeyAndCsr('pi-7').csrPem, node: 'pi-7' })),
      )
      expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    it('leaves no Node behind when the token was used up in between', async () => {
      const token = await tokens.create({ ttlMs: hour, uses: 1 })
      await Promise.allSettled([1, 2].map((n) => enrollment.enroll({ token, csrPem: createKeyAndCsr('x').csrPem, node: `pi-${n}` })))
      expect((await client.list(nodes)).items).toHaveLength(1)
    })

    it('leaves none behind either when a controller has written it meanwhile, and takes the key off one that was there', async () => {
      const writesAtOnce: Client = {
        ...gateway,
        async create(resource, object, options) {
          const made = await gateway.create(resource, object, options)
          const body = { spec: { podCIDR: '10.42.1.0/24', podCIDRs: ['10.42.1.0/24'] } }
          if (made.kind === 'Node') await client.patch(nodes, { name: made.metadata.name }, { type: 'application/merge-patch+json', body })
          return made
        },
        async patch(resource, key, patch, options) {
          const patched = await gateway.patch(resource, key, patch, options)
          const body = { metadata: { labels: { seen: patched.metadata.resourceVersion ?? '' } } }
          if (patched.kind === 'Node' && patched.metadata.annotations !== undefined)
            await client.patch(nodes, { name: key.name }, { type: 'application/merge-patch+json', body })
          return patched
        },
      }
      const joinTooLate = async (node: string) => {
        const token = await tokens.create({ ttlMs: hour, uses: 1 })
        const use = async (id: string) => {
          await tokens.revoke(id)
          await tokens.use(id)
        }
        const late = createEnrollment({ ca, tokens: { ...tokens, use }, client: writesAtOnce })
        await expect(late.enroll({ token, csrPem, node })).rejects.toMatchObject({ reason: 'Unauthorized' })
      }
      await joinTooLate('pi-8')
      expect((await client.list(nodes)).items).toEqual([])
      await register('Unknown')
      await joinTooLate('pi-7')
      expect((await client.get(nodes, { name: 'pi-7' })).metadata.annotations).toBeUndefined()
    })

    it('is refused while the other node is connected, saying what to do', async () => {
      await register('True')
      await beat()
      await expect(enroll()).rejects.toMatchObject({
        reason: 'Conflict',
        message: expect.stringMatching(/"pi-7": a node with this name is connected.*--node/) as string,
      })
    })

    it('lets a board in that was flashed anew, as soon as its old self is gone', async () => {
      await register('True')
      await beat({ 'bramble.io/disconnected-at': '2026-11-23T00:00:00.000Z' })
      await enroll()
    })

    it('lets it in also when the node is not Ready, or nothing was heard since the hub started', async () => {
      await register('Unknown')
      await enroll()
      await beat()
      await enroll()
    })
  })

  it('answers a board again that did not get its answer, though the clock of the hub was set meanwhile', async () => {
    let wall = start
    enrollment = createEnrollment({ ca, tokens, client: gateway, clock: { now: () => wall, monotonic: () => 5000 } })
    const token = await tokens.create({ ttlMs: hour, uses: 1 })
    const { certificatePem } = await enrollment.enroll({ token, csrPem, node: 'pi-7' })
    wall += 50 * 365 * 24 * hour
    expect((await enrollment.enroll({ token, csrPem, node: 'pi-7' })).certificatePem).toBe(certificatePem)
  })

  it('writes the key on the Node before the certificate leaves the hub', async () => {
    const { certificatePem } = await enrollment.enroll({ token: await tokens.create({ ttlMs: hour }), csrPem, node: 'pi-7' })
    const node = await client.get(nodes, { name: 'pi-7' })
    expect(node.metadata.annotations?.['bramble.io/key']).toBe(keyHashOf(new X509Certificate(certificatePem)))
  })

  it('renews for the key of the certificate and for no other', async () => {
    const { certificatePem } = await enrollment.enroll({ token: await tokens.create({ ttlMs: hour }), csrPem, node: 'pi-7' })
    const key = keyHashOf(new X509Certificate(certificatePem))
    expect(keyHashOf(new X509Certificate((await enrollment.renew({ node: 'pi-7', csrPem, key })).certificatePem))).toBe(key)
    await expect(enrollment.renew({ node: 'pi-7', csrPem: createKeyAndCsr('pi-7').csrPem, key })).rejects.toMatchObject({
      reason: 'Forbidden',
      message: expect.stringContaining('a renewal keeps the key of node pi-7') as string,
    })
  })

  it('renews the certificate of a node for the same node', async () => {
    const { certificatePem } = await enrollment.renew({ node: 'pi-7', csrPem })
    expect(new X509Certificate(certificatePem).subject).toBe('O=system:nodes\nCN=system:node:pi-7')
  })
})
