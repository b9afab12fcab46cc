import { expect, it } from 'vitest'
import { kinds } from '../kinds.ts'
import { withWritten, withWrittenParts } from './always-written.ts'

const nodeOf = (kind: string, group = '') => {
  const found = kinds.find((one) => one.kind === kind && one.group === group)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found.node
}

it.each([
  ['Deployment', 'apps', { spec: {} }, { spec: {}, status: {} }],
  ['CertificateSigningRequest', 'certificates.k8s.io', {}, { status: {} }],
  ['VolumeAttachment', 'storage.k8s.io', {}, { status: { attached: false } }],
  ['Event', '', { reason: 'R' }, { reason: 'R', source: {}, firstTimestamp: null, lastTimestamp: null, eventTime: null }],
  [
    'Pod',
    '',
    { status: { conditions: [{ type: 'Ready' }], containerStatuses: [{ name: 'c', state: { running: {} } }] } },
    {
      status: {
        conditions: [{ type: 'Ready', lastProbeTime: null, lastTransitionTime: null }],
        containerStatuses: [{ name: 'c', state: { running: { startedAt: null } }, lastState: {} }],
      },
    },
  ],
  // By its spec is told whether it is another one.
  ['PodTemplate', '', { template: { spec: {} } }, { template: { spec: {} } }],
  [
    'StatefulSet',
    'apps',
    { spec: { volumeClaimTemplates: [{}] } },
    { spec: { volumeClaimTemplates: [{}] }, status: { replicas: 0, availableReplicas: 0 } },
  ],
])('of a %s is written what Go always writes', (kind, group, given, expected) => {
  const before = structuredClone(given)
  expect(withWrittenParts(nodeOf(kind, group), given)).toEqual(expected)
  expect(given).toEqual(before)
})

it('what has it all is the same object, and its own parts stay what they are', () => {
  const node = nodeOf('Pod')
  const status = { conditions: [{ type: 'Ready', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' }] }
  const pod = { spec: {}, status }
  expect(withWrittenParts(node, pod)).toBe(pod)
  expect(withWritten(node, { metadata: {}, spec: pod.spec, status }).status).toBe(status)
})
