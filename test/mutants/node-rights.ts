import type { Mutant } from './mutant.ts'

const authorizer = 'hub/src/apiserver/authz/node-authorizer.ts'
const restriction = 'hub/src/apiserver/admission/plugins/node-restriction.ts'
const routes = ['hub/src/apiserver/routes/routes.test.ts']
const table = ['hub/src/apiserver/authz/node-authorizer.test.ts']
const admission = ['hub/src/apiserver/admission/admission.test.ts']
const nodePods = 'hub/src/apiserver/admission/plugins/node-pods.ts'
const rows = ['hub/src/apiserver/behaviour/node-restriction.test.ts']
const roles = ['hub/src/apiserver/authz/rbac/rbac-authorizer.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: restriction,
    search: `if (!same(next.metadata.ownerReferences ?? [], before?.metadata.ownerReferences ?? []))`,
    replace: `if (next === undefined)`,
    why: 'a node gives itself an owner and is collected',
    tests: admission,
  },
  {
    file: restriction,
    search: `  if (name !== node) throw refused`,
    replace: `  if (name === '') throw refused`,
    why: 'a node registers others',
    tests: admission,
  },
  {
    file: restriction,
    search: `if (isIn('node-restriction.kubernetes.io')) return false`,
    replace: `if (isIn('kubernetes.io')) return true`,
    why: 'a node gives itself the labels that place pods',
    tests: admission,
  },
  {
    file: authorizer,
    search: `  if (subresource !== undefined) return noOpinion\n  if (verb === 'create' || verb === 'delete') return allow`,
    replace: `  if (verb === 'create' || verb === 'delete') return allow`,
    why: 'a node opens exec, log and proxy of its pods at the API',
    tests: table,
  },
  {
    file: authorizer,
    search: `  namespace !== '' && graph.references(`,
    replace: `  graph.references(`,
    why: 'a node reads Secrets of all namespaces at once that have the name of one it needs',
    tests: table,
  },
  {
    file: nodePods,
    search: `for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const)`,
    replace: `for (const field of [] as ('labels' | 'annotations')[])`,
    why: 'a node gives its pods the labels of another Service, or a finalizer, with their status',
    tests: ['hub/src/apiserver/behaviour/status-metadata.test.ts'],
  },
  {
    file: authorizer,
    search: `if (namespace !== 'kube-node-lease')`,
    replace: `if (namespace === '')`,
    why: 'a node takes the lease by which the hub leads',
    tests: table,
  },
  {
    file: authorizer,
    search: `graph.hasPod(node, namespace, name)`,
    replace: `!graph.isGone(namespace, name)`,
    why: "a node reads other nodes' pods",
    tests: table,
  },
  {
    file: authorizer,
    search: `if (!isRead(info.verb)) return leaveIt('can only read resources of this type')`,
    replace: ``,
    why: 'a node writes the Secrets that its pods name',
    tests: table,
  },
  {
    file: 'hub/src/apiserver/authz/node-user.ts',
    search: `groups.includes('system:nodes') || name.startsWith(prefix)`,
    replace: `groups.includes('system:nodes') && name.startsWith(prefix)`,
    why: 'who is a node by half has the rights of administrators',
    tests: roles,
  },
  {
    file: nodePods,
    search: `if (registry.find(pods, namespace, name)?.fields?.['spec.nodeName'] === node) return`,
    replace: `if (registry.find(pods, namespace, name) !== undefined) return`,
    why: "a node ends other nodes' pods",
    tests: rows,
  },
  {
    file: nodePods,
    search: `if (previous.spec.nodeName !== node)`,
    replace: `if (previous.spec.nodeName === '')`,
    why: "a node tells the status of other nodes' pods",
    tests: rows,
  },
  {
    file: nodePods,
    search: `  checkReferences(admission, pod, who)\n`,
    replace: ``,
    why: 'a node makes a pod that names the Secrets it wants to read',
    tests: rows,
  },
  {
    file: 'hub/src/apiserver/authz/node-graph.ts',
    search: `if (volume !== undefined && bound?.namespace === namespace && bound?.name === claim?.metadata.name) yield volume`,
    replace: `if (volume === undefined || bound !== undefined) for (const entry of registry.store.list(registry.prefixOf(persistentVolumes)).entries) yield registry.objectOf(persistentVolumes, entry)`,
    why: 'a node with one claim reads the Secrets of all volumes',
    tests: rows,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/node-claims.ts',
    search: `if (!isSameJson(restOf(object), restOf(previous)))`,
    replace: `if (object.metadata.name !== previous.metadata.name)`,
    why: 'a node marks a claim as lost or gives it labels',
    tests: rows,
  },
  {
    file: 'hub/src/apiserver/query/request-info.ts',
    search: `!(resource === 'namespaces' && namespace === name)`,
    replace: `resource !== 'namespaces'`,
    why: 'who may read one namespace reads any other, by a path through the first',
    tests: routes,
  },
  {
    file: 'hub/src/apiserver/routes/routes.ts',
    search: `deletecollection: 'collection'`,
    replace: `deletecollection: 'anywhere'`,
    why: 'one wrong path empties the cluster',
    tests: routes,
  },
  {
    file: 'hub/src/apiserver/routes/routes.ts',
    search: `if (kind.verbs !== undefined && !kind.verbs.includes(verb)) actions.delete(verb)`,
    replace: `if (kind.verbs?.length === 0) actions.delete(verb)`,
    why: 'a verb that a kind does not have is answered',
    tests: routes,
  },
  {
    file: 'hub/src/apiserver/pipeline.ts',
    search: `match.path.openAt?.test(path) === true && method === 'GET'`,
    replace: `method === 'GET'`,
    why: 'strangers read the metrics',
    tests: ['hub/src/apiserver/pipeline.test.ts'],
  },
  {
    file: 'hub/src/apiserver/pipeline.ts',
    search: `method === 'GET' && otherMethod === 'HEAD'`,
    replace: `method === 'GET'`,
    why: 'strangers say what is open in words that were not opened to them',
    tests: ['hub/src/apiserver/http/server.test.ts'],
  },
  {
    file: 'hub/src/apiserver/reviews/access.ts',
    search: `...(fieldSelector !== undefined && { fields: fieldsOf(fieldSelector) })`,
    replace: `...{}`,
    why: 'a question about a right is answered otherwise than the door does',
    tests: ['hub/src/apiserver/posted/self-subject-access-reviews.test.ts'],
  },
  {
    file: 'hub/src/apiserver/authz/rbac/bootstrap/user-roles.ts',
    search: `mayGet(...health, ...version, '/openapi',`,
    replace: `mayGet(...health, ...version, '/metrics', '/metrics/*', '/openapi',`,
    why: 'a node reads the figures of the hub',
    tests: rows,
  },
]
