import { describe, expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { nodeUser } from '../testing/api.ts'
import { insistedOn, type RequestVerb } from '../query/request-info.ts'
import { createNodeAuthorizer } from './node-authorizer.ts'
import type { PodsByNode } from './pods-by-node.ts'

/** Node n1 has the pod default/own, which names own-config and own-secret; default/foreign is another node's; others are gone. */
const podsByNode: PodsByNode = {
  hasPod: (node, namespace, name) => node === 'n1' && namespace === 'default' && name === 'own',
  isGone: (namespace, name) => !(namespace === 'default' && (name === 'own' || name === 'foreign')),
  references: (node, _resource, namespace, name) => node === 'n1' && namespace === 'default' && name === 'own',
}
const { authorize } = createNodeAuthorizer({ podsByNode })

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
  const [own, foreign] = resource === '/nodes' || resource === 'coordination.k8s.io/leases' ? ['n1', 'n2'] : ['own', 'foreign']
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
const goneOnes = ['gone', 'lease namespace own', 'lease namespace foreign']
const oneOwn = (verbs: readonly string[]) => ({ verbs, of: ['own'] })

/** Everything a node may do; whatever the table does not name is forbidden. */
const allowed: Readonly<Record<string, readonly { readonly verbs: readonly string[]; readonly of: readonly string[] }[]>> = {
  // Routes need the addresses of all nodes. That a node makes none but itself is seen at admission, where the name is known.
  '/nodes': [
    { verbs: [...reads, 'create'], of: any },
    { verbs: ['update', 'patch'], of: ['own', 'lease namespace own'] },
  ],
  '/nodes/status': [{ verbs: ['update', 'patch'], of: ['own', 'lease namespace own'] }],
  // A node that ends or reports a pod which is gone must hear 404, not 403.
  '/pods': [
    { verbs: reads, of: ['own'] },
    { verbs: ['list', 'watch'], of: ['all of n1'] },
    { verbs: ['delete'], of: ['own', ...goneOnes] },
  ],
  '/pods/status': [
    { verbs: ['get'], of: ['own'] },
    { verbs: ['update', 'patch'], of: ['own', ...goneOnes] },
  ],
  '/services': [{ verbs: reads, of: any }],
  'discovery.k8s.io/endpointslices': [{ verbs: reads, of: any }],
  '/configmaps': [oneOwn(reads)],
  '/secrets': [oneOwn(reads)],
  '/serviceaccounts/token': [oneOwn(['create'])],
  'coordination.k8s.io/leases': [
    { verbs: ['create'], of: ['lease namespace own', 'lease namespace foreign', 'lease namespace all'] },
    { verbs: [...reads, 'update', 'patch', 'delete'], of: ['lease namespace own'] },
  ],
  '/events': [{ verbs: ['create', 'update', 'patch'], of: any }],
  'events.k8s.io/events': [{ verbs: ['create', 'update', 'patch'], of: any }],
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
          const expected = allowed[key]?.some((rule) => rule.verbs.includes(verb) && rule.of.includes(whose)) ? 'allow' : 'deny'
          if (type !== expected) wrong.push(`${verb} ${key}, ${whose}: ${type}, expected ${expected}`)
        }
    expect(wrong).toEqual([])
  })

  it('a node has no business at /metrics; other paths it may read', () => {
    const of = (path: string, verb: string) => authorize({ user, info: { type: 'path', path, verb } }).type
    expect(['/metrics', '/metrics/', '/metrics/cadvisor'].map((path) => of(path, 'get'))).toEqual(['deny', 'deny', 'deny'])
    expect(of('/openapi/v3', 'get')).toBe('allow')
    expect(of('/openapi/v3', 'post')).toBe('deny')
  })
})
