import { describe, expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { nodeUser } from '../testing/api.ts'
import { insistedOn, type RequestVerb } from '../query/request-info.ts'
import { createNodeAuthorizer } from './node-authorizer.ts'
import type { NodeGraph } from './node-graph.ts'

/** Node n1 has the pod default/own, which names what is called `own`, and the volume and the attachment `own`; others are another node's. */
const graph: NodeGraph = {
  hasPod: (node, namespace, name) => node === 'n1' && namespace === 'default' && name === 'own',
  isGone: (namespace, name) => !(namespace === 'default' && (name === 'own' || name === 'foreign')),
  references: (node, _resource, namespace, name) => node === 'n1' && namespace === 'default' && name === 'own',
  hasVolume: (node, name) => node === 'n1' && name === 'own',
  hasAttachment: (node, name) => node === 'n1' && name === 'own',
}
const { authorize } = createNodeAuthorizer({ graph })

const verbs: readonly RequestVerb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const subresources = [
  ...['', 'status', 'log', 'exec', 'attach', 'portforward', 'proxy', 'proxy/metrics', 'eviction', 'binding', 'ephemeralcontainers'],
  ...['resize', 'scale', 'finalize', 'token', 'approval', 'anything'],
]
/** What is not a kind with storage, or not one of ours, and what only sounds like something a node may use. */
const otherResources = [
  ...['/bindings', '/replicationcontrollers', '/persistentvolumeclaims', '/persistentvolumes'],
  ...['authorization.k8s.io/selfsubjectaccessreviews', 'authorization.k8s.io/subjectaccessreviews'],
  ...['authentication.k8s.io/selfsubjectreviews', 'authentication.k8s.io/tokenreviews', 'certificates.k8s.io/certificatesigningrequests'],
  ...['rbac.authorization.k8s.io/clusterroles', 'storage.k8s.io/csinodes', 'example.com/nodes', 'example.com/pods', '*/*'],
]
const resources = [...new Set([...kinds.map(({ group, resource }) => `${group}/${resource}`), ...otherResources])].sort()

type Target = { readonly whose: string; readonly name?: string; readonly namespace: string; readonly selector?: string }
const targetsOf = (resource: string): readonly Target[] => {
  const isNodes = ['/nodes', 'coordination.k8s.io/leases', 'storage.k8s.io/csinodes'].includes(resource)
  const [own, foreign] = isNodes ? ['n1', 'n2'] : ['own', 'foreign']
  return [
    { whose: 'own', name: own, namespace: 'default' },
    { whose: 'foreign', name: foreign, namespace: 'default' },
    { whose: 'gone', name: 'gone', namespace: 'default' },
    { whose: 'all', namespace: 'default' },
    { whose: 'all of n1', namespace: '', selector: 'spec.nodeName=n1' },
    { whose: 'all of n2', namespace: '', selector: 'spec.nodeName=n2' },
    { whose: 'all but n2', namespace: '', selector: 'spec.nodeName!=n2' },
    { whose: 'lease namespace own', name: own, namespace: 'kube-node-lease' },
    { whose: 'lease namespace foreign', name: foreign, namespace: 'kube-node-lease' },
    { whose: 'lease namespace all', namespace: 'kube-node-lease' },
  ]
}

const any = targetsOf('').map(({ whose }) => whose)
const reads = ['get', 'list', 'watch']
const write = ['create', 'update', 'patch']
/** In no namespace, so whatever one is asked in. */
const own = ['own', 'lease namespace own']
const oneOwn = (verbs: readonly string[]) => ({ verbs, of: ['own'] })

/** Everything a node may do; whatever the table does not name is left to roles. What it says of a write is said of those that admission looks at. */
const allowed: Readonly<Record<string, readonly { readonly verbs: readonly string[]; readonly of: readonly string[] }[]>> = {
  // Routes need the addresses of all nodes.
  '/nodes': [{ verbs: [...reads, ...write], of: any }],
  '/nodes/status': [{ verbs: ['update', 'patch'], of: any }],
  '/pods': [
    { verbs: reads, of: ['own'] },
    { verbs: ['list', 'watch'], of: ['all of n1'] },
    { verbs: ['create', 'delete'], of: any },
  ],
  '/pods/status': [{ verbs: ['update', 'patch'], of: any }],
  '/pods/eviction': [{ verbs: ['create'], of: any }],
  '/services': [{ verbs: reads, of: any }],
  'discovery.k8s.io/endpointslices': [{ verbs: reads, of: any }],
  '/configmaps': [oneOwn(reads)],
  '/secrets': [oneOwn(reads)],
  '/persistentvolumeclaims': [oneOwn(['get'])],
  '/persistentvolumeclaims/status': [oneOwn(['update', 'patch'])],
  '/persistentvolumes': [{ verbs: ['get'], of: own }],
  'storage.k8s.io/volumeattachments': [{ verbs: ['get'], of: own }],
  '/serviceaccounts': [oneOwn(['get'])],
  '/serviceaccounts/token': [oneOwn(['create'])],
  'coordination.k8s.io/leases': [
    { verbs: ['create'], of: ['lease namespace own', 'lease namespace foreign', 'lease namespace all'] },
    { verbs: [...reads, 'update', 'patch', 'delete'], of: ['lease namespace own'] },
  ],
  'storage.k8s.io/csinodes': [
    { verbs: ['create'], of: any },
    { verbs: ['get', 'update', 'patch', 'delete'], of: own },
  ],
  'storage.k8s.io/csidrivers': [{ verbs: reads, of: any }],
  'node.k8s.io/runtimeclasses': [{ verbs: reads, of: any }],
  '/events': [{ verbs: write, of: any }],
  'events.k8s.io/events': [{ verbs: write, of: any }],
  'certificates.k8s.io/certificatesigningrequests': [{ verbs: [...reads, 'create'], of: any }],
  'authentication.k8s.io/tokenreviews': [{ verbs: ['create'], of: any }],
  'authorization.k8s.io/subjectaccessreviews': [{ verbs: ['create'], of: any }],
  'authorization.k8s.io/localsubjectaccessreviews': [{ verbs: ['create'], of: any }],
}

describe('the node authorizer, by verb, resource, subresource and whose it is', () => {
  const user = nodeUser('n1')
  it.each(resources)('%s', (resource) => {
    const [group = '', plural = ''] = resource.split('/')
    const wrong: string[] = []
    for (const subresource of subresources)
      for (const { whose, name, namespace, selector } of targetsOf(resource))
        for (const verb of verbs) {
          const info = { type: 'resource', verb, group, version: 'v1', resource: plural, namespace } as const
          const fields = selector === undefined ? undefined : insistedOn(selector)
          const { type } = authorize({
            user,
            info: {
              ...info,
              ...(fields !== undefined && { fields }),
              ...(name !== undefined && { name }),
              ...(subresource !== '' && { subresource }),
            },
          })
          const key = subresource === '' ? resource : `${resource}/${subresource}`
          const expected = allowed[key]?.some((rule) => rule.verbs.includes(verb) && rule.of.includes(whose)) ? 'allow' : 'noOpinion'
          if (type !== expected) wrong.push(`${verb} ${key}, ${whose}: ${type}, expected ${expected}`)
        }
    expect(wrong).toEqual([])
  })

  it.each([
    ['name', { name: 'system:node:n1', groups: ['system:authenticated'] }],
    ['group', { name: 'n1', groups: ['system:nodes', 'system:authenticated'] }],
  ])('who has only the %s of one is no node', (_, pretender) => {
    const info = { type: 'resource', verb: 'list', group: '', version: 'v1', resource: 'services', namespace: 'default' } as const
    expect(authorize({ user: pretender, info }).type).toBe('noOpinion')
    expect(authorize({ user, info }).type).toBe('allow')
  })
})
