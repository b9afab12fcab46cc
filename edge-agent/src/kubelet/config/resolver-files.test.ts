import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { podPaths } from '../paths.ts'
import { createResolverFiles } from './resolver-files.ts'
import type { Resolver } from './sandbox-config.ts'
import { samplePod } from '../testing/samples.ts'

const at = (nameserver: string): Resolver => ({ nameservers: [nameserver], searches: ['lan'], options: ['ndots:1'] })

describe("the name servers of a pod's own resolv.conf", () => {
  let dir: string
  let node: Resolver
  let cluster: Resolver | undefined
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'resolver-files-'))
    node = at('192.0.2.1')
    cluster = undefined
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  const files = () =>
    createResolverFiles({
      paths: podPaths(dir),
      clusterResolver: () => cluster,
      read: async ({ isHostNetwork }) => (isHostNetwork ? { ...node, nameservers: ['127.0.0.53', ...node.nameservers] } : node),
    })
  const text = (uid = 'u1') => readFileSync(podPaths(dir).resolvConf(uid), 'utf8')

  it("follow the node's, in the same file, for a pod that runs", async () => {
    const resolvers = files()
    const pod = samplePod()
    const file = (await resolvers.write(pod)) ?? ''
    const { ino } = statSync(file)
    expect(text()).toBe('search lan\nnameserver 192.0.2.1\noptions ndots:1\n')
    node = { nameservers: ['198.51.100.9'], searches: [], options: [] }
    await resolvers.refresh([pod])
    expect(text()).toBe('nameserver 198.51.100.9\n')
    expect(statSync(file)).toMatchObject({ ino, mode: 0o100644 })
  })

  it('follow also what changed while no agent ran', async () => {
    await files().write(samplePod())
    node = at('198.51.100.9')
    await files().refresh([samplePod()])
    expect(text()).toContain('nameserver 198.51.100.9\n')
  })

  it('stay while the node itself knows none', async () => {
    const resolvers = files()
    await resolvers.write(samplePod())
    node = { nameservers: [], searches: [], options: [] }
    await resolvers.refresh([samplePod()])
    expect(text()).toContain('nameserver 192.0.2.1\n')
  })

  it.each([
    ['None with its own', { dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'] } }, 'nameserver 9.9.9.9\n'],
    [
      'Default with an option of its own',
      { dnsPolicy: 'Default', dnsConfig: { options: [{ name: 'ndots', value: '5' }] } },
      'search lan\nnameserver 198.51.100.9\noptions ndots:5\n',
    ],
    [
      "in the host's network, the host's loopback too",
      { hostNetwork: true },
      'search lan\nnameserver 127.0.0.53\nnameserver 198.51.100.9\noptions ndots:1\n',
    ],
  ])('are by policy: %s', async (_what, spec, wanted) => {
    const resolvers = files()
    const pod = samplePod(spec)
    await resolvers.write(pod)
    node = at('198.51.100.9')
    await resolvers.refresh([pod])
    expect(text()).toBe(wanted)
  })

  it("are the cluster's for ClusterFirst, whatever becomes of the node's", async () => {
    cluster = { nameservers: ['10.43.0.10'], searches: ['<namespace>.svc.cluster.local'], options: ['ndots:5'] }
    const resolvers = files()
    await resolvers.write(samplePod())
    node = at('198.51.100.9')
    await resolvers.refresh([samplePod()])
    expect(text()).toBe('search default.svc.cluster.local\nnameserver 10.43.0.10\noptions ndots:5\n')
  })

  it('that a container made longer than memory are replaced and not read', async () => {
    const file = (await files().write(samplePod())) ?? ''
    truncateSync(file, 3 * 2 ** 30)
    node = at('198.51.100.9')
    await files().refresh([samplePod()]) // of an agent that has just started, which does not know what it had written
    expect(statSync(file).size).toBeLessThan(1000)
    expect(text()).toContain('nameserver 198.51.100.9\n')
  })

  it('are not made for a pod that has no file, and not written again when nothing changed', async () => {
    const resolvers = files()
    await resolvers.refresh([samplePod()])
    expect(() => text()).toThrow('ENOENT')
    const file = (await resolvers.write(samplePod())) ?? ''
    const { mtimeNs } = statSync(file, { bigint: true })
    await resolvers.refresh([samplePod()])
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs)
  })
})
