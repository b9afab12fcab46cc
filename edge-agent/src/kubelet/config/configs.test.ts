import { describe, expect, it } from 'vitest'
import { TooLong } from '../env/expand.ts'
import { containerConfig, containerResources, needsImageUser, runAsNonRootRefusal } from './container-config.ts'
import { etcHosts } from './etc-hosts.ts'
import { preStopAnnotation } from '../observed/labels.ts'
import { parseResolver } from './node-resolver.ts'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import { sandboxConfig } from './sandbox-config.ts'
import { container, samplePod, type SampleSpec } from '../testing/samples.ts'

const limits = { hasMemoryCgroup: true, hasCpuCgroup: true, memoryBytes: 1024 * 1024 * 1024 }
const nodeResolver = { nameservers: ['192.0.2.53'], searches: ['lan'], options: ['ndots:1'] }
const resources = (requests: object, more: object = {}) => ({ resources: { requests, ...more } })
const first = (spec: SampleSpec) => {
  const pod = samplePod(spec)
  const [main] = pod.spec.containers
  if (!main) throw new Error('the sample has a container')
  return { pod, container: main }
}
const sandboxOf = (spec: SampleSpec) =>
  sandboxConfig({
    pod: samplePod(spec),
    attempt: 0,
    instance: 'b1',
    nodeName: 'pi-1',
    clusterDomain: 'cluster.local',
    logDirectory: '/logs',
    nodeResolver,
  })
const configOf = (spec: SampleSpec) =>
  containerConfig({
    ...first(spec),
    restartCount: 2,
    instance: 'b1',
    imageRef: 'sha256:1',
    env: [{ name: 'A', value: 'x' }],
    mounts: [],
    limits,
  })

describe('the configuration of a sandbox', () => {
  it.each([
    [{}, '/bramble-b1/kubepods/besteffort/podu1'],
    [{ containers: [container('main', resources({ cpu: '100m' }))] }, '/bramble-b1/kubepods/burstable/podu1'],
    [
      { containers: [container('main', resources({ cpu: '1', memory: '64Mi' }, { limits: { cpu: '1', memory: '64Mi' } }))] },
      '/bramble-b1/kubepods/podu1',
    ],
  ])('puts %j into the cgroup of its class', (spec, cgroupParent) => {
    expect(sandboxOf(spec).linux?.cgroupParent).toBe(cgroupParent)
  })

  it('shares the namespaces that were asked for', () => {
    const namespaces = (spec: SampleSpec) => sandboxOf(spec).linux?.securityContext?.namespaceOptions
    expect(namespaces({})).toEqual({ network: 'POD', pid: 'CONTAINER', ipc: 'POD' })
    expect(namespaces({ hostNetwork: true, hostPID: true, hostIPC: true })).toEqual({ network: 'NODE', pid: 'NODE', ipc: 'NODE' })
    expect(namespaces({ shareProcessNamespace: true })).toMatchObject({ pid: 'POD' })
  })

  it('is privileged when one of its containers is, whichever', () => {
    const root = { securityContext: { privileged: true } }
    const isPrivileged = (spec: SampleSpec) => sandboxOf(spec).linux?.securityContext?.privileged
    expect(isPrivileged({ ephemeralContainers: [container('debug')] })).toBe(false)
    for (const list of ['initContainers', 'ephemeralContainers'] as const)
      expect(isPrivileged({ [list]: [container('x', root)] })).toBe(true)
  })

  it('writes an option of resolv.conf without a value as its name alone', () => {
    const options = [{ name: 'rotate', value: '' }, { name: 'edns0' }, { name: 'ndots', value: '3' }]
    expect(sandboxOf({ dnsConfig: { options } }).dnsConfig?.options).toEqual(['rotate', 'edns0', 'ndots:3'])
  })

  it('asks the servers of the node, of the pod, or both', () => {
    expect(sandboxOf({}).dnsConfig).toEqual({ servers: ['192.0.2.53'], searches: ['lan'], options: ['ndots:1'] })
    const dnsConfig = { nameservers: ['1.1.1.1'], searches: ['x'], options: [{ name: 'ndots', value: '5' }, { name: 'rotate' }] }
    expect(sandboxOf({ dnsConfig }).dnsConfig).toEqual({
      servers: ['192.0.2.53', '1.1.1.1'],
      searches: ['lan', 'x'],
      options: ['ndots:5', 'rotate'],
    })
    expect(sandboxOf({ dnsPolicy: 'None', dnsConfig }).dnsConfig).toEqual({
      servers: ['1.1.1.1'],
      searches: ['x'],
      options: ['ndots:5', 'rotate'],
    })
  })

  it('asks the cluster when there is somebody to ask', () => {
    const clusterResolver = { nameservers: ['10.43.0.10'], searches: ['<namespace>.svc.cluster.local'], options: ['ndots:5'] }
    const input = {
      attempt: 0,
      instance: 'b1',
      nodeName: 'pi-1',
      clusterDomain: 'cluster.local',
      logDirectory: '/logs',
      nodeResolver,
      clusterResolver,
    }
    expect(sandboxConfig({ ...input, pod: samplePod() }).dnsConfig).toMatchObject({
      servers: ['10.43.0.10'],
      searches: ['default.svc.cluster.local'],
    })
    expect(sandboxConfig({ ...input, pod: samplePod({ dnsPolicy: 'Default' }) }).dnsConfig?.servers).toEqual(['192.0.2.53'])
    expect(sandboxConfig({ ...input, pod: samplePod({ hostNetwork: true }) }).dnsConfig?.servers).toEqual(['192.0.2.53'])
  })

  it('reads resolv.conf without servers that a pod cannot reach', () => {
    expect(parseResolver('# x\nnameserver 127.0.0.53\nnameserver 192.0.2.1 # y\nsearch a b\noptions edns0 trust-ad\n')).toEqual({
      nameservers: ['192.0.2.1'],
      searches: ['a', 'b'],
      options: ['edns0', 'trust-ad'],
    })
  })
})

describe('the configuration of a container', () => {
  it('carries what must outlive the agent', () => {
    expect(configOf({ terminationGracePeriodSeconds: 9 })).toMatchObject({
      metadata: { name: 'main', attempt: 2 },
      image: { image: 'sha256:1' },
      labels: { 'io.kubernetes.pod.uid': 'u1', 'io.kubernetes.container.name': 'main', 'bramble.io/instance': 'b1' },
      annotations: { 'io.kubernetes.container.restartCount': '2', 'io.kubernetes.pod.terminationGracePeriod': '9' },
      logPath: 'main/2.log',
    })
  })

  it('expands variables in the command', () => {
    expect(configOf({ containers: [container('main', { command: ['echo', '$(A)'], args: ['$$(A)', '$(B)'] })] })).toMatchObject({
      command: ['echo', 'x'],
      args: ['$(A)', '$(B)'],
    })
  })

  it('is not made of words that name a variable over and over', () => {
    const args = Array.from({ length: 20 }, () => '$(NONE)'.repeat(50_000))
    expect(() => configOf({ containers: [container('main', { args })] })).toThrow(TooLong)
  })

  it('takes the security of the container before that of the pod', () => {
    const own = { runAsUser: 7, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false }
    const securityContext = { runAsUser: 5, runAsGroup: 6, fsGroup: 8, supplementalGroups: [9], seccompProfile: { type: 'RuntimeDefault' } }
    expect(configOf({ securityContext, containers: [container('main', { securityContext: own })] }).linux?.securityContext).toMatchObject({
      runAsUser: { value: 7 },
      runAsGroup: { value: 6 },
      supplementalGroups: [8, 9],
      readonlyRootfs: true,
      noNewPrivs: true,
      capabilities: { dropCapabilities: ['ALL'] },
      seccomp: { profileType: 'RuntimeDefault' },
      maskedPaths: expect.arrayContaining(['/proc/kcore']),
    })
  })

  it('names capabilities as the runtime knows them, which drops no other', () => {
    const securityContext = { capabilities: { add: ['CAP_SYS_TIME', 'mknod'], drop: ['cap_net_raw', 'ALL'] } }
    expect(configOf({ containers: [container('main', { securityContext })] }).linux?.securityContext?.capabilities).toEqual({
      addCapabilities: ['SYS_TIME', 'MKNOD'],
      dropCapabilities: ['NET_RAW', 'ALL'],
    })
  })

  it.each([
    [{ runAsGroup: 6 }, undefined, { runAsUser: { value: 0 }, runAsGroup: { value: 6 } }],
    [{ runAsGroup: 6 }, '', { runAsUser: { value: 0 }, runAsGroup: { value: 6 } }],
    [{ runAsGroup: 6 }, '1000:2000', { runAsUser: { value: 1000 }, runAsGroup: { value: 6 } }],
    [{ runAsGroup: 6 }, 'app', { runAsUsername: 'app', runAsGroup: { value: 6 } }],
    [{ runAsGroup: 6, runAsUser: 7 }, 'app', { runAsUser: { value: 7 }, runAsGroup: { value: 6 } }],
    [{}, 'app', {}],
  ])('with %j and image user %j is %j: a group alone goes with the user of the image', (own, imageUser, expected) => {
    const subject = first({ containers: [container('main', { securityContext: own })] })
    const config = containerConfig({ ...subject, restartCount: 0, instance: '', imageRef: '', imageUser, env: [], mounts: [], limits })
    const { runAsUser, runAsGroup, runAsUsername } = config.linux?.securityContext ?? {}
    expect({ ...(runAsUser && { runAsUser }), ...(runAsUsername && { runAsUsername }), ...(runAsGroup && { runAsGroup }) }).toEqual(
      expected,
    )
    expect(needsImageUser(subject.pod, subject.container)).toBe('runAsGroup' in own && !('runAsUser' in own))
  })

  it('sees the processes of its target, or of all where all are together', () => {
    const processes = (spec: SampleSpec, targetId?: string) =>
      containerConfig({ ...first(spec), restartCount: 0, instance: 'b1', imageRef: 'x', env: [], mounts: [], limits, targetId }).linux
        ?.securityContext?.namespaceOptions
    expect(processes({}, 'c1')).toEqual({ network: 'POD', ipc: 'POD', pid: 'TARGET', targetId: 'c1' })
    expect(processes({})).toEqual({ network: 'POD', ipc: 'POD', pid: 'CONTAINER' })
    expect(processes({ shareProcessNamespace: true }, 'c1')).toEqual({ network: 'POD', ipc: 'POD', pid: 'POD' })
    expect(processes({ hostPID: true }, 'c1')).toEqual({ network: 'POD', ipc: 'POD', pid: 'NODE' })
  })

  it('masks nothing for a privileged one', () => {
    const { linux } = configOf({ containers: [container('main', { securityContext: { privileged: true } })] })
    expect(linux?.securityContext).toMatchObject({ privileged: true, maskedPaths: [], seccomp: { profileType: 'Unconfined' } })
  })

  it.each([
    [{}, { cpuShares: 2, oomScoreAdj: 1000 }],
    [resources({ cpu: '250m', memory: '256Mi' }), { cpuShares: 256, oomScoreAdj: 750 }],
    [
      resources({}, { limits: { cpu: '500m', memory: '128Mi' } }),
      { cpuShares: 512, cpuPeriod: 100_000, cpuQuota: 50_000, memoryLimitInBytes: 134_217_728, oomScoreAdj: -997 },
    ],
  ])('turns %j into what the kernel understands', (more, expected) => {
    expect(containerResources({ ...first({ containers: [container('main', more)] }), limits })).toEqual(expected)
  })

  it('leaves out what the kernel cannot hold it to', () => {
    const subject = first({ containers: [container('main', resources({}, { limits: { cpu: '1', memory: '1Gi' } }))] })
    expect(containerResources({ ...subject, limits: { ...limits, hasMemoryCgroup: false, hasCpuCgroup: false } })).toEqual({
      oomScoreAdj: -997,
    })
  })

  it.each([
    [{}, '', undefined],
    [{ runAsNonRoot: true }, '1000', undefined],
    [{ runAsNonRoot: true }, '', 'container has runAsNonRoot and image will run as root (container: main)'],
    [{ runAsNonRoot: true }, '00:7', 'container has runAsNonRoot and image will run as root (container: main)'],
    [
      { runAsNonRoot: true },
      'app',
      'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root (container: main)',
    ],
    [{ runAsNonRoot: true, runAsUser: 0 }, '1000', "container's runAsUser breaks non-root policy (container: main)"],
    [{ runAsNonRoot: true, runAsUser: 5 }, '', undefined],
  ])('with %j and image user %j refuses: %s', (securityContext, user, refusal) => {
    const subject = first({ containers: [container('main', { securityContext })] })
    expect(runAsNonRootRefusal(subject.pod, subject.container, user)).toBe(refusal)
  })
})

describe('facts of a pod', () => {
  it.each([
    [[{}], 'BestEffort'],
    [[resources({ cpu: '1' })], 'Burstable'],
    [[resources({}, { limits: { cpu: '1', memory: '1Gi' } })], 'Guaranteed'],
    [[resources({}, { limits: { cpu: '1', memory: '1Gi' } }), {}], 'Burstable'],
    [[resources({ cpu: '500m', memory: '1Gi' }, { limits: { cpu: '1', memory: '1Gi' } })], 'Burstable'],
  ])('%j is %s', (containers, qos) => {
    expect(qosOf(samplePod({ containers: containers.map((more, index) => container(`c${index}`, more)) }).spec)).toBe(qos)
  })

  it('knows its own name and its aliases', () => {
    const input = { podIPs: ['10.42.0.5'], nodeName: 'pi-1', nodeHosts: '127.0.0.1 localhost\n', clusterDomain: 'cluster.local' }
    const pod = samplePod({ hostname: 'h', subdomain: 'sub', hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] })
    const text = etcHosts({ pod, ...input })
    expect(text).toContain('10.42.0.5\th.sub.default.svc.cluster.local\th\n')
    expect(text).toContain('1.2.3.4\ta\tb\n')
    expect(etcHosts({ pod: samplePod({ hostNetwork: true }), ...input })).toContain('127.0.0.1 localhost')
  })
})

describe('the host name of a pod', () => {
  const hostnameIn = (spec: SampleSpec) => sandboxOf(spec).hostname
  it('is the full one where the pod asks for that and has one', () => {
    expect(hostnameIn({ subdomain: 'sub' })).toBe('web')
    expect(hostnameIn({ setHostnameAsFQDN: true })).toBe('web')
    expect(hostnameIn({ setHostnameAsFQDN: true, hostname: 'h', subdomain: 'sub' })).toBe('h.sub.default.svc.cluster.local')
  })

  it('is refused when it is longer than the kernel takes, in the words of Kubernetes', () => {
    const hostname = 'a'.repeat(40)
    expect(() => hostnameIn({ setHostnameAsFQDN: true, hostname, subdomain: 'sub' })).toThrow(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${hostname}.sub.default.svc.cluster.local is too long (64 characters is the max, 70 characters requested)`,
    )
  })
})

describe('what the runtime keeps beside a pod', () => {
  // It tells all of it in one list, which ends at 16 MiB: a node whose list is longer sees none of its pods.
  const kept = (texts: Readonly<Record<string, string>> = {}) => Object.keys(texts).filter((key) => !/bramble|io\.kubernetes/.test(key))
  const config = (labels: Record<string, string>, annotations: Record<string, string>) =>
    sandboxConfig({
      pod: samplePod({}, { labels, annotations }),
      ...{ attempt: 0, instance: 'b1', nodeName: 'pi-1', clusterDomain: 'cluster.local', logDirectory: '/logs', nodeResolver },
    })

  it('is its labels and annotations, and none of them when they are many or long', () => {
    const few = config({ app: 'web' }, { note: 'mine' })
    expect([kept(few.labels), kept(few.annotations)]).toEqual([['app'], ['note']])
    const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`label-${index}`, 'x'.repeat(60)]))
    const many = config(labels, { note: 'x'.repeat(250_000) })
    expect([kept(many.labels), kept(many.annotations)]).toEqual([[], []])
    expect(Object.keys(many.labels ?? {})).toHaveLength(4)
  })

  it('is the hook of a container, unless that is long', () => {
    const hookOf = (word: string) => {
      const preStop = { exec: { command: ['/bin/true', word] } }
      return configOf({ containers: [container('main', { lifecycle: { preStop } })] }).annotations?.[preStopAnnotation]
    }
    expect(hookOf('now')).toContain('now')
    expect(hookOf('\u0001'.repeat(100_000))).toBeUndefined()
  })
})
