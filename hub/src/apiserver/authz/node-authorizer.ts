import { requiredField, type ResourceRequest } from '../query/request-info.ts'
import type { Authorizer, Decision } from './authorizer.ts'
import { isNode, nodeNameOf } from './node-user.ts'
import type { PodsByNode } from './pods-by-node.ts'

const allow: Decision = { type: 'allow' }
const deny = (reason: string): Decision => ({ type: 'deny', reason })

/**
 * What an agent may do: read what its own pods and the Service network need, and write about itself. What it may write into
 * those objects is checked at admission (`node-restriction`). A node never gets the rights of other users.
 */
export const createNodeAuthorizer = ({ podsByNode }: { readonly podsByNode: PodsByNode }): Authorizer => ({
  name: 'node',
  // It depends on its pods, which rules cannot say.
  rulesOf: (user) => (isNode(user) ? { resources: [], paths: [], incomplete: 'the node authorizer does not list its rules' } : undefined),
  authorize({ user, info }) {
    if (!isNode(user)) return { type: 'noOpinion' }
    const node = nodeNameOf(user)
    if (node === undefined || node === '') return deny(`a node needs the name system:node:<name> and the group system:nodes`)
    // What the hub measures of all nodes is no business of one.
    if (info.type === 'path') return info.verb === 'get' && !/^\/metrics(\/|$)/.test(info.path) ? allow : deny('')
    return ofResource(node, info, podsByNode)
  },
})

function ofResource(node: string, info: ResourceRequest, podsByNode: PodsByNode): Decision {
  const { verb, subresource, name = '', namespace = '' } = info
  const isRead = verb === 'get' || verb === 'list' || verb === 'watch'
  const isNamedRead = isRead && name !== ''
  switch (`${info.group === '' ? 'core' : info.group}/${info.resource}`) {
    case 'core/nodes':
      if (isRead && subresource === undefined) return allow // routes to the others need their addresses and pod networks
      if (verb === 'create' && subresource === undefined) return allow // of itself only: node-restriction
      if (name !== node) return deny(`node ${JSON.stringify(node)} may only change its own Node object`)
      return subresource === undefined || subresource === 'status' ? onlyVerbs(verb, ['update', 'patch']) : deny('')
    case 'core/pods':
      return ofPods(node, info, podsByNode)
    case 'core/services':
    case 'discovery.k8s.io/endpointslices':
      return isRead && subresource === undefined ? allow : deny('')
    case 'core/configmaps':
    case 'core/secrets': {
      const resource = info.resource as 'configmaps' | 'secrets' // the two cases above
      // The same name in other namespaces is another object.
      if (!isNamedRead || namespace === '' || subresource !== undefined) return deny('a node reads these by namespace and name only')
      return podsByNode.references(node, resource, namespace, name)
        ? allow
        : deny(`no relationship found between node '${node}' and this object`)
    }
    case 'core/serviceaccounts':
      // For its pods, which is seen at admission: `node-tokens`.
      if (subresource !== 'token' || verb !== 'create') return deny('')
      return podsByNode.references(node, 'serviceaccounts', namespace, name)
        ? allow
        : deny(`no relationship found between node '${node}' and this object`)
    case 'coordination.k8s.io/leases':
      if (namespace !== 'kube-node-lease') return deny('a node has a lease in kube-node-lease only')
      if (subresource !== undefined) return deny('')
      if (verb === 'create') return allow // of itself only: node-restriction
      if (name !== node) return deny(`node ${JSON.stringify(node)} may only use its own lease`)
      return onlyVerbs(verb, ['get', 'list', 'watch', 'update', 'patch', 'delete'])
    case 'core/events':
    case 'events.k8s.io/events':
      return subresource === undefined ? onlyVerbs(verb, ['create', 'update', 'patch']) : deny('')
    default:
      return deny('')
  }
}

function ofPods(node: string, { verb, subresource, name = '', namespace = '', fields }: ResourceRequest, podsByNode: PodsByNode): Decision {
  if ((verb === 'list' || verb === 'watch') && subresource === undefined) {
    const own = requiredField(fields, 'spec.nodeName') === node
    if (own) return allow
    if (name === '') return deny(`can only list/watch pods with spec.nodeName field selector`)
  }
  const isOwn = podsByNode.hasPod(node, namespace, name)
  const notOwn = deny(`no relationship found between node '${node}' and this object`)
  // A node that reports or ends a pod which is gone already must hear that it is gone (404), not that it may not.
  const isTheirs = !isOwn && (name === '' || !podsByNode.isGone(namespace, name))
  if (subresource === 'status') {
    if (verb === 'update' || verb === 'patch') return isTheirs ? notOwn : allow
    return verb === 'get' && isOwn ? allow : notOwn
  }
  if (subresource !== undefined) return deny('')
  if (verb === 'create') return deny('a node does not create pods')
  if (verb === 'delete') return isTheirs ? notOwn : allow
  return isOwn ? onlyVerbs(verb, ['get', 'list', 'watch']) : notOwn
}

const onlyVerbs = (verb: string, verbs: readonly string[]): Decision => (verbs.includes(verb) ? allow : deny(''))
