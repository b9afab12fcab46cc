import { requiredField, type ResourceRequest } from '../query/request-info.ts'
import type { Authorizer, Decision } from './authorizer.ts'
import type { NodeGraph, PodReference } from './node-graph.ts'
import { nodeNameOf } from './node-user.ts'

const allow: Decision = { type: 'allow' }
const leaveIt = (reason: string): Decision => ({ type: 'noOpinion', reason })
const noOpinion = leaveIt('')

/**
 * What a node may do: read what its own pods and the Service network need, and write about itself. What it may write into those objects
 * is checked at admission (`node-restriction`). Whatever else is left to roles, as for everybody.
 */
export const createNodeAuthorizer = ({ graph }: { readonly graph: NodeGraph }): Authorizer => ({
  name: 'node',
  // It depends on its pods, which rules cannot say.
  rulesOf: (user) =>
    nodeNameOf(user) === undefined
      ? undefined
      : { resources: [], paths: [], incomplete: 'node authorizer does not support user rule resolution' },
  authorize({ user, info }) {
    const node = nodeNameOf(user)
    if (node === undefined) return noOpinion
    if (node === '') return leaveIt(`unknown node for user ${JSON.stringify(user.name)}`)
    return info.type === 'path' ? noOpinion : (ofResource[keyOf(info)]?.(node, info, graph) ?? noOpinion)
  },
})

const keyOf = ({ group, resource }: ResourceRequest): string => (group === '' ? resource : `${resource}.${group}`)

type Rule = (node: string, info: ResourceRequest, graph: NodeGraph) => Decision

const isRead = (verb: string): boolean => verb === 'get' || verb === 'list' || verb === 'watch'

/** These verbs, of this subresource or of none. */
const may =
  (verbs: string, of?: string): Rule =>
  (_node, { verb, subresource }) =>
    subresource === of && verbs.split(' ').includes(verb) ? allow : noOpinion

const firstOf =
  (...rules: readonly Rule[]): Rule =>
  (node, info, graph) =>
    rules.map((rule) => rule(node, info, graph)).find(({ type }) => type === 'allow') ?? noOpinion

const unrelated = (node: string): Decision => leaveIt(`no relationship found between node '${node}' and this object`)

function related(node: string, { name = '' }: ResourceRequest, isRelated: () => boolean): Decision {
  if (name === '') return leaveIt('No Object name found')
  return isRelated() ? allow : unrelated(node)
}

const isNamedBy = (node: string, { namespace = '', name = '' }: ResourceRequest, graph: NodeGraph, resource: PodReference): boolean =>
  namespace !== '' && graph.references(node, resource, namespace, name)

/** By its namespace and name, one at a time: the same name in other namespaces is another object. */
const readNamed =
  (resource: PodReference): Rule =>
  (node, info, graph) => {
    if (!isRead(info.verb)) return leaveIt('can only read resources of this type')
    if (info.subresource !== undefined) return leaveIt('cannot read subresource')
    if ((info.namespace ?? '') === '') return leaveIt('can only read namespaced object of this type')
    return related(node, info, () => isNamedBy(node, info, graph, resource))
  }

const get =
  (isRelated: (node: string, info: ResourceRequest, graph: NodeGraph) => boolean): Rule =>
  (node, info, graph) => {
    if (info.verb !== 'get') return leaveIt('can only get individual resources of this type')
    if (info.subresource !== undefined) return leaveIt('cannot get subresource')
    return related(node, info, () => isRelated(node, info, graph))
  }

const hasClaim = (node: string, info: ResourceRequest, graph: NodeGraph) => isNamedBy(node, info, graph, 'persistentvolumeclaims')

const claims: Rule = (node, info, graph) => {
  if (info.subresource !== 'status') return get(hasClaim)(node, info, graph)
  if (info.verb !== 'update' && info.verb !== 'patch') return leaveIt('can only get/update/patch this type')
  return related(node, info, () => hasClaim(node, info, graph))
}

const accounts: Rule = (node, info, graph) => {
  const isOfOwnPod = () => isNamedBy(node, info, graph, 'serviceaccounts')
  if (info.verb === 'get') return get(isOfOwnPod)(node, info, graph)
  if (info.verb !== 'create' || (info.name ?? '') === '') return leaveIt('can only create tokens for individual service accounts')
  if (info.subresource !== 'token') return leaveIt('can only create token subresource of serviceaccount')
  return related(node, info, isOfOwnPod)
}

const pods: Rule = (node, info, graph) => {
  const { verb, subresource, name = '', namespace = '', fields } = info
  // Whose it is is seen at admission.
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : noOpinion
  if (subresource === 'eviction') return verb === 'create' ? allow : noOpinion
  if (subresource !== undefined) return noOpinion
  if (verb === 'create' || verb === 'delete') return allow
  if (!isRead(verb)) return noOpinion
  if (verb !== 'get' && requiredField(fields, 'spec.nodeName') === node) return allow
  if (verb !== 'get' && name === '') return leaveIt('can only list/watch pods with spec.nodeName field selector')
  return related(node, info, () => graph.hasPod(node, namespace, name))
}

const ownVerbs = ['get', 'create', 'update', 'patch', 'delete']

const leases: Rule = (node, { verb, subresource, namespace, name = '' }) => {
  if (!ownVerbs.includes(verb) && !(isRead(verb) && name !== ''))
    return leaveIt('can only get, create, update, patch, or delete a node lease')
  if (subresource !== undefined) return leaveIt('cannot authorize node lease subresources')
  if (namespace !== 'kube-node-lease') return leaveIt('can only access leases in the "kube-node-lease" system namespace')
  // What is made has its name in its body: seen at admission.
  if (verb !== 'create' && name !== node) return leaveIt('can only access node lease with the same name as the requesting node')
  return allow
}

const csiNodes: Rule = (node, { verb, subresource, name = '' }) => {
  if (!ownVerbs.includes(verb)) return leaveIt('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== undefined) return leaveIt('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node) return leaveIt('can only access CSINode with the same name as the requesting node')
  return allow
}

const read = may('get list watch')

const ofResource: Readonly<Record<string, Rule>> = {
  // Routes to the others need their addresses and pod networks, so a node reads all of them, in part (`kinds/node.ts`). Which one it writes is seen at admission.
  nodes: firstOf(may('get list watch create update patch'), may('update patch', 'status')),
  pods,
  services: read,
  'endpointslices.discovery.k8s.io': read,
  configmaps: readNamed('configmaps'),
  secrets: readNamed('secrets'),
  persistentvolumeclaims: claims,
  persistentvolumes: get((node, { name = '' }, graph) => graph.hasVolume(node, name)),
  'volumeattachments.storage.k8s.io': get((node, { name = '' }, graph) => graph.hasAttachment(node, name)),
  serviceaccounts: accounts,
  'leases.coordination.k8s.io': leases,
  'csinodes.storage.k8s.io': csiNodes,
  'csidrivers.storage.k8s.io': read,
  'runtimeclasses.node.k8s.io': read,
  events: may('create update patch'),
  'events.events.k8s.io': may('create update patch'),
  'certificatesigningrequests.certificates.k8s.io': may('create get list watch'),
  'tokenreviews.authentication.k8s.io': may('create'),
  'subjectaccessreviews.authorization.k8s.io': may('create'),
  'localsubjectaccessreviews.authorization.k8s.io': may('create'),
}
