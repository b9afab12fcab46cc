import { expect, it } from 'vitest'
import type { PodSandboxStatus } from './cri.ts'
import { networkFacts } from './network-facts.ts'

const inMode = (network: 'POD' | 'NODE' | 'CONTAINER') => ({ linux: { namespaces: { options: { network } } } }) as PodSandboxStatus // the part that is read
const spec = (namespaces: unknown) => JSON.stringify({ pid: 0, runtimeSpec: { linux: { namespaces } } })

it.each<[string, Pick<PodSandboxStatus, 'linux'>, string | undefined, object]>([
  [
    'a namespace with a name',
    inMode('POD'),
    spec([{ type: 'pid' }, { type: 'network', path: '/run/netns/cni-1' }]),
    { of: 'pod', file: '/run/netns/cni-1' },
  ],
  ['the namespace of its process', inMode('POD'), JSON.stringify({ pid: 77 }), { of: 'pod', file: '/proc/77/ns/net' }],
  ['the machine', inMode('NODE'), spec([]), { of: 'host' }],
  ['nothing, if it was not told', inMode('POD'), spec([{ type: 'network' }]), { of: 'nobody knows' }],
  ['nothing, if a path is none', inMode('POD'), spec([{ type: 'network', path: 'x' }]), { of: 'nobody knows' }],
  ['nothing, if the runtime says nothing at all', { linux: undefined }, spec([]), { of: 'nobody knows' }],
  ['nothing, if there is no JSON', inMode('POD'), 'no', { of: 'nobody knows' }],
  ['nothing of another pod', inMode('CONTAINER'), spec([{ type: 'network', path: '/run/netns/x' }]), { of: 'nobody knows' }],
])('a sandbox is in %s', (_, status, info, network) => {
  expect(networkFacts(status, info)).toEqual(network)
})
