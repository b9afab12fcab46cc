import { pods } from '@bramble/shared/kinds/pod.ts'
import { describe, expect, it } from 'vitest'
import { pod as podOf } from '../../testing/api.ts'
import type { Level } from './policy.ts'
import { detailsOf, violationsOf } from './violations.ts'

type Spec = Record<string, unknown>
const told = (
  level: Level,
  spec: Spec,
  { minor = Infinity, annotations = {} }: { minor?: number; annotations?: Record<string, string> } = {},
) => {
  const pod = pods.parseInDoubt?.(JSON.parse(JSON.stringify(podOf('p', spec, { annotations }))))
  if (pod === undefined) throw new Error('this is no pod')
  return detailsOf(violationsOf({ level, minor }, pod))
}

const main = (more: Spec = {}) => ({ name: 'main', image: 'busybox', ...more })
const asks = (securityContext: Spec, more: Spec = {}): Spec => ({ containers: [main({ securityContext, ...more })] })
const tight = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
const restricted = (securityContext: Spec = {}, spec: Spec = {}): Spec => ({ ...asks({ ...tight, ...securityContext }), ...spec })

/** A control, what passes and what does not, and how Kubernetes tells it. */
type Row = readonly [control: string, passes: Spec, fails: Spec, message: string]

const baseline: readonly Row[] = [
  [
    'host namespaces',
    { hostNetwork: false, hostPID: false, hostIPC: false },
    { hostNetwork: true, hostPID: true, hostIPC: true },
    'host namespaces (hostIPC=true, hostNetwork=true, hostPID=true)',
  ],
  [
    'hostPath volumes',
    { volumes: [{ name: 'a', emptyDir: {} }] },
    { volumes: ['b', 'a'].map((name) => ({ name, hostPath: { path: '/x' } })) },
    'hostPath volumes (volumes "b", "a")',
  ],
  [
    'host ports',
    { containers: [main({ ports: [{ containerPort: 80 }] })] },
    {
      containers: [
        main({
          ports: [
            { containerPort: 80, hostPort: 80 },
            { containerPort: 81, hostPort: 8 },
          ],
        }),
      ],
    },
    'hostPort (container "main" uses hostPorts 8, 80)',
  ],
  [
    'hosts of probes and hooks',
    { containers: [main({ livenessProbe: { httpGet: { port: 80 } } })] },
    {
      containers: [
        main({ livenessProbe: { tcpSocket: { host: 'b', port: 80 } }, lifecycle: { preStop: { httpGet: { host: 'a', port: 80 } } } }),
      ],
    },
    'probe or lifecycle host (container "main" uses probe or lifecycle hosts "a", "b")',
  ],
  [
    'processes of a Windows host',
    asks({ windowsOptions: { hostProcess: false } }),
    { securityContext: { windowsOptions: { hostProcess: true } }, ...asks({ windowsOptions: { hostProcess: true } }) },
    'hostProcess (pod and container "main" must not set securityContext.windowsOptions.hostProcess=true)',
  ],
  [
    'AppArmor',
    asks({ appArmorProfile: { type: 'RuntimeDefault' } }),
    { securityContext: { appArmorProfile: { type: 'Unconfined' } }, ...asks({ appArmorProfile: { type: 'Unconfined' } }) },
    'forbidden AppArmor profile (pod and container "main" must not set AppArmor profile type to "Unconfined")',
  ],
  [
    'capabilities',
    asks({ capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } }),
    asks({ capabilities: { add: ['SYS_ADMIN', 'NET_RAW', 'CHOWN'] } }),
    'non-default capabilities (container "main" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
  ],
  [
    'privileged',
    asks({ privileged: false }),
    { initContainers: [{ name: 'first', image: 'b', securityContext: { privileged: true } }], ...asks({ privileged: true }) },
    'privileged (containers "first", "main" must not set securityContext.privileged=true)',
  ],
  [
    '/proc',
    asks({ procMount: 'Default' }),
    asks({ procMount: 'Unmasked' }),
    'procMount (container "main" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    'seccomp',
    asks({ seccompProfile: { type: 'Localhost', localhostProfile: 'a' } }),
    { securityContext: { seccompProfile: { type: 'Unconfined' } } },
    'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'SELinux',
    asks({ seLinuxOptions: { type: 'container_engine_t', level: 's0' } }),
    { securityContext: { seLinuxOptions: { user: 'u' } }, ...asks({ seLinuxOptions: { type: 'spc_t', role: 'r' } }) },
    'seLinuxOptions (pod and container "main" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
  ],
  [
    'sysctls',
    { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } },
    { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    'forbidden sysctls (kernel.msgmax)',
  ],
]

const strict: readonly Row[] = [
  [
    'escalation',
    restricted(),
    restricted({ allowPrivilegeEscalation: true }),
    'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false)',
  ],
  [
    'capabilities',
    restricted({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
    restricted({ capabilities: { drop: ['CHOWN'], add: ['CHOWN'] } }),
    'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]; container "main" must not include "CHOWN" in securityContext.capabilities.add)',
  ],
  [
    'volumes',
    restricted({}, { volumes: [{ name: 'a', projected: { sources: [] } }] }),
    restricted(
      {},
      {
        volumes: [
          { name: 'a', nfs: { server: 's', path: '/' } },
          { name: 'b', hostPath: { path: '/' } },
        ],
      },
    ),
    'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
  ],
  [
    'root, by nobody having said otherwise',
    { securityContext: { runAsNonRoot: true }, ...asks({ ...tight, runAsNonRoot: undefined }) },
    asks({ ...tight, runAsNonRoot: undefined }),
    'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
  ],
  [
    'root, by having said so',
    restricted(),
    restricted({ runAsNonRoot: false }, { securityContext: { runAsNonRoot: true } }),
    'runAsNonRoot != true (container "main" must not set securityContext.runAsNonRoot=false)',
  ],
  [
    'the user 0',
    restricted({ runAsUser: 1 }),
    restricted({ runAsUser: 0 }, { securityContext: { runAsUser: 0 } }),
    'runAsUser=0 (pod and container "main" must not set runAsUser=0)',
  ],
  [
    'seccomp',
    { securityContext: { seccompProfile: { type: 'RuntimeDefault' } }, ...asks({ ...tight, seccompProfile: undefined }) },
    asks({ ...tight, seccompProfile: undefined }),
    'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
]

describe('what baseline forbids', () => {
  it.each(baseline)('%s', (_, passes, fails, message) => {
    expect(told('baseline', passes)).toBe('')
    expect(told('baseline', fails)).toBe(message)
    expect(told('privileged', fails)).toBe('')
  })
})

describe('what restricted forbids beside', () => {
  it.each(strict)('%s', (_, passes, fails, message) => {
    expect(told('restricted', passes)).toBe('')
    expect(told('restricted', fails)).toBe(message)
  })

  it('all of baseline but what it says better itself', () => {
    expect(told('restricted', restricted({ privileged: true }))).toMatch(/^privileged \(/)
    expect(told('restricted', restricted({ seccompProfile: { type: 'Unconfined' } }))).toBe(
      'seccompProfile (container "main" must not set securityContext.seccompProfile.type to "Unconfined")',
    )
  })
})

describe('the standard of an older release', () => {
  it.each([
    [
      '1.33 knows nothing of hosts in probes',
      { minor: 33 },
      { containers: [main({ livenessProbe: { httpGet: { host: 'a', port: 80 } } })] },
      '',
    ],
    ['1.30 knows no container_engine_t', { minor: 30 }, asks({ seLinuxOptions: { type: 'container_engine_t' } }), /^seLinuxOptions/],
    ['1.31 does', { minor: 31 }, asks({ seLinuxOptions: { type: 'container_engine_t' } }), ''],
    [
      '1.28 forbids keepalives',
      { minor: 28 },
      { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '1' }] } },
      /tcp_fin/,
    ],
    [
      '1.18 looks at annotations',
      { minor: 18, annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } },
      {},
      /^seccompProfile \(forbidden annotation/,
    ],
    ['1.19 does not', { minor: 19, annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } }, {}, ''],
  ] as const)('%s', (_, asked, spec, expected) => {
    const text = told('baseline', spec, asked)
    if (typeof expected === 'string') expect(text).toBe(expected)
    else expect(text).toMatch(expected)
  })

  it('asks of 1.7 less than of today', () => {
    expect(told('restricted', asks({ runAsNonRoot: true }), { minor: 7 })).toBe('')
    expect(told('restricted', asks({ runAsNonRoot: true }), { minor: 8 })).toMatch(/^allowPrivilegeEscalation != false/)
  })
})

it('an annotation for AppArmor is told with what it says', () => {
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' }
  expect(told('baseline', {}, { annotations })).toContain('annotation must not set AppArmor profile type to')
})

it('a container put in for debugging is held to the same', () => {
  expect(told('baseline', { ephemeralContainers: [{ name: 'dbg', image: 'b', securityContext: { privileged: true } }] })).toContain('"dbg"')
})
