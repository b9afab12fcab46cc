import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, type NetworkInterfaceInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { openCa, type CertificateAuthority } from '../authority/ca.ts'
import { createCertificateRenewal } from './certificate-renewal.ts'
import { openAdminKubeconfig } from './kubeconfig.ts'
import { openSecretKeys } from '../secret-keys.ts'
import { openServing, ownHostsOf } from './serving.ts'
import { signing } from '../authority/signing.ts'

const year = 365 * 24 * 3600 * 1000
let now: number
const clock = { now: () => now, monotonic: () => 0 }
let home: string
let dir: string
let ca: CertificateAuthority
beforeEach(async () => {
  now = Date.UTC(2026, 10, 23)
  home = mkdtempSync(join(tmpdir(), 'identity-'))
  dir = join(home, 'hub', 'pki')
  ca = await openCa({ dir, signer: signing, clock })
})
afterEach(() => rmSync(home, { recursive: true }))

const serving = (names: readonly string[] = ['hub.local']) =>
  openServing({ dir, ca, clock, hosts: () => [...names, '192.168.1.5', 'fd00::1'], serviceAddress: '10.43.0.1' })

describe('the serving certificate', () => {
  it('is for every name the hub is reached by', async () => {
    const certificate = new X509Certificate((await serving()).current().certPem)
    for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'hub.local'])
      expect(certificate.checkHost(name)).toBe(name)
    for (const address of ['127.0.0.1', '::1', '10.43.0.1', '192.168.1.5', 'fd00::1']) expect(certificate.checkIP(address)).toBe(address)
  })

  it('is kept over restarts, and made anew for a new name, another CA or a broken file', async () => {
    const first = (await serving()).current()
    expect((await serving()).current()).toEqual(first)
    const second = (await serving(['hub.local', 'hub.example'])).current()
    expect(second.certPem).not.toBe(first.certPem)
    writeFileSync(join(dir, 'serving.pem'), second.keyPem)
    const third = (await serving()).current()
    expect(third.certPem).not.toBe(second.certPem)
    rmSync(join(dir, 'ca.crt'))
    ca = await openCa({ dir, signer: signing, clock })
    expect((await serving()).current().certPem).not.toBe(third.certPem)
  })

  it('is renewed while the hub runs, after half of its time, and listeners get it', async () => {
    const kept = await serving()
    const before = kept.current()
    const heard: string[] = []
    kept.onRenewed(({ certPem }) => heard.push(certPem))
    expect(await kept.renewIfNeeded()).toBe(false)
    now += 1.01 * year
    const stop = new AbortController()
    kept.onRenewed(() => stop.abort())
    await createCertificateRenewal({ kept: [kept], log: silentLog, everyMs: 1_000_000 }).run(stop.signal)
    expect(heard).toEqual([kept.current().certPem])
    expect(kept.current().certPem).not.toBe(before.certPem)
    expect((await serving()).current()).toEqual(kept.current())
  })

  it('is used when it is renewed on a full disk, made once, and kept as soon as there is room', async () => {
    const kept = await serving()
    const before = kept.current()
    const heard: string[] = []
    kept.onRenewed(({ certPem }) => heard.push(certPem))
    now += 1.01 * year
    const file = join(dir, 'serving.pem')
    const old = readFileSync(file)
    rmSync(file)
    mkdirSync(join(file, 'in-the-way'), { recursive: true }) // as good as a disk without room
    for (let attempt = 0; attempt < 3; attempt++) await expect(kept.renewIfNeeded()).rejects.toThrow('it is used, but cannot be kept')
    expect(kept.current().certPem).not.toBe(before.certPem)
    expect(heard).toEqual([kept.current().certPem])
    rmSync(file, { recursive: true })
    writeFileSync(file, old)
    expect(await kept.renewIfNeeded()).toBe(true)
    expect(await kept.renewIfNeeded()).toBe(false)
    expect(heard).toHaveLength(1)
    expect((await serving()).current()).toEqual(kept.current())
  })

  it('follows an address that the machine has got since', async () => {
    const hosts = ['192.168.1.5']
    const kept = await openServing({ dir, ca, clock, hosts: () => hosts, serviceAddress: '10.43.0.1' })
    expect(await kept.renewIfNeeded()).toBe(false)
    hosts.push('192.168.1.6')
    expect(await kept.renewIfNeeded()).toBe(true)
    expect(new X509Certificate(kept.current().certPem).checkIP('192.168.1.6')).toBe('192.168.1.6')
  })
})

describe('ownHostsOf', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) => [
    { address, family, internal, netmask: '', mac: '', cidr: null } as NetworkInterfaceInfo,
  ]

  it('names what other machines know this one by', () => {
    const interfaces = {
      lo: at('127.0.0.1', 'IPv4', true),
      eth0: [...at('192.168.1.5'), ...at('fe80::1', 'IPv6')],
      wlan0: at('192.168.1.6'),
      'br-bramble': at('10.42.0.1'),
      docker0: at('172.17.0.1'),
    }
    expect(ownHostsOf('Pi-Hub', interfaces)).toEqual(['pi-hub', 'pi-hub.local', '192.168.1.5', '192.168.1.6'])
    expect(ownHostsOf('hub.example.org', {})).toEqual(['hub.example.org'])
    expect(ownHostsOf('no name', {})).toEqual([])
  })
})

describe('the kubeconfig of the cluster-admin', () => {
  const path = () => join(home, 'kubeconfig')
  const open = (server = 'https://127.0.0.1:6443') => openAdminKubeconfig({ path: path(), dir, ca, clock, server })

  it('has everything inside and is for its owner only', async () => {
    await open()
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    const config = parse(readFileSync(path(), 'utf8'))
    expect(config).toMatchObject({ 'current-context': 'bramble', clusters: [{ cluster: { server: 'https://127.0.0.1:6443' } }] })
    const certificate = new X509Certificate(Buffer.from(config.users[0].user['client-certificate-data'], 'base64'))
    expect(certificate.subject).toBe('O=system:masters\nCN=bramble:admin')
    expect(Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString()).toBe(ca.caPem)
  })

  it('follows the address of the hub and the renewal of its certificate', async () => {
    const kept = await open()
    const first = readFileSync(path(), 'utf8')
    await open('https://hub.local:7443')
    expect(readFileSync(path(), 'utf8')).toBe(first.replace('127.0.0.1:6443', 'hub.local:7443'))
    now += 1.5 * year
    expect(await kept.renewIfNeeded()).toBe(true)
    expect(readFileSync(path(), 'utf8')).not.toContain(/client-key-data: (.*)/.exec(first)?.[1])
  })
})

describe('openSecretKeys', () => {
  it('makes a key once, reads several, and says where a file is wrong', () => {
    const path = join(dir, 'seal.key')
    const [made] = openSecretKeys(path).keys()
    expect(made.key).toHaveLength(32)
    expect(openSecretKeys(path).keys()).toEqual([made])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const old = readFileSync(path, 'utf8')
    writeFileSync(path, `newer ${Buffer.alloc(32, 1).toString('base64')}\n${old}`)
    expect(
      openSecretKeys(path)
        .keys()
        .map(({ id }) => id),
    ).toEqual(['newer', made.id])
    writeFileSync(path, `${old}short AAAA\n`)
    expect(() => openSecretKeys(path)).toThrow(/seal\.key:2: expected a name/)
    writeFileSync(path, '')
    expect(() => openSecretKeys(path)).toThrow('holds no key')
  })
})
