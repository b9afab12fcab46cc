import { describe, expect, it } from 'vitest'
import { pods } from '../pod.ts'
import { refusals } from './testing.ts'

const refusedFor = (spec: object) =>
  refusals(pods, { metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'app', image: 'b:1' }], ...spec } })
const container = (part: object) => ({ containers: [{ name: 'app', image: 'b:1', ...part }] })
const withMount = (more: object, securityContext: object = {}) => ({
  volumes: [{ name: 'v' }],
  ...container({ securityContext, volumeMounts: [{ name: 'v', mountPath: '/v', ...more }] }),
})
const sysctls = (...names: string[]) => ({ securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) } })

describe('of what a pod may do to its node is refused', () => {
  it.each<[string, object, string]>([
    [
      'a mount that comes out on the node, of a container without privileges',
      withMount({ mountPropagation: 'Bidirectional' }),
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
    [
      'a sysctl of the network of the node',
      { hostNetwork: true, ...sysctls('net.ipv4.ip_forward') },
      'spec.securityContext.sysctls[0].name: Invalid value: "net.ipv4.ip_forward": may not be specified when \'hostNetwork\' is true',
    ],
    [
      'the same with slashes',
      { hostNetwork: true, ...sysctls('net/ipv4/conf/eth0.1/forwarding') },
      'spec.securityContext.sysctls[0].name: Invalid value: "net/ipv4/conf/eth0.1/forwarding": may not be specified when \'hostNetwork\' is true',
    ],
    [
      "a sysctl of the node's messages",
      { hostIPC: true, ...sysctls('kernel.shm_rmid_forced') },
      'spec.securityContext.sysctls[0].name: Invalid value: "kernel.shm_rmid_forced": may not be specified when \'hostIPC\' is true',
    ],
    ['a sysctl twice', sysctls('kernel.sem', 'kernel.sem'), 'spec.securityContext.sysctls[1].name: Duplicate value: "kernel.sem"'],
    ['a sysctl without a name', sysctls(''), 'spec.securityContext.sysctls[0].name: Required value'],
    [
      'a sysctl that leaves its folder',
      sysctls('net/../kernel/panic'),
      'spec.securityContext.sysctls[0].name: Invalid value: "net/../kernel/panic": must have at most 253 characters and match regex ',
    ],
    [
      'a group that is none',
      { securityContext: { supplementalGroups: [1, -1] } },
      'spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
    [
      'no escalation beside the capability to do anything',
      container({ securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } } }),
      'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
    ],
    [
      'a seccomp profile beside a type that has none',
      { securityContext: { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'strict.json' } } },
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: "strict.json": can only be set when seccomp type is Localhost',
    ],
    [
      'the same in a container',
      container({ securityContext: { seccompProfile: { type: 'Unconfined', localhostProfile: 'strict.json' } } }),
      'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "strict.json": can only',
    ],
  ])('%s', (_what, spec, refusal) => {
    expect(refusedFor(spec)).toEqual([expect.stringContaining(refusal)])
  })

  it('nothing of what is in its own namespaces', () => {
    expect(refusedFor({ hostNetwork: true, ...sysctls('kernel.shm_rmid_forced') })).toEqual([])
    expect(refusedFor({ hostIPC: true, ...sysctls('net.ipv4.ip_forward', 'net/ipv4/conf/eth0.1/forwarding') })).toEqual([])
    expect(refusedFor(withMount({ mountPropagation: 'Bidirectional' }, { privileged: true }))).toEqual([])
    expect(refusedFor(withMount({ mountPropagation: 'HostToContainer' }))).toEqual([])
  })
})
