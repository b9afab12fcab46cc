import type { Mutant } from './mutant.ts'

const authorizer = 'hub/src/apiserver/authz/node-authorizer.ts'
const restriction = 'hub/src/apiserver/admission/plugins/node-restriction.ts'
const routes = ['hub/src/apiserver/routes/routes.test.ts']
const table = ['hub/src/apiserver/authz/node-authorizer.test.ts']
const admission = ['hub/src/apiserver/admission/admission.test.ts']

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
    search: `  if (subresource !== undefined) return deny('')\n  if (verb === 'create') return deny('a node does not create pods')`,
    replace: `  if (verb === 'create') return deny('a node does not create pods')`,
    why: 'a node opens exec, log and proxy of its pods at the API',
    tests: table,
  },
  {
    file: authorizer,
    search: `if (!isNamedRead || namespace === '' || subresource`,
    replace: `if (!isNamedRead || subresource`,
    why: 'a node reads Secrets of other namespaces that have the name of one it needs',
    tests: ['hub/src/apiserver/authz/pods-by-node.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/plugins/node-restriction.ts',
    search: `for (const field of ['labels', 'annotations', 'finalizers'] as const)`,
    replace: `for (const field of [] as ('labels' | 'annotations' | 'finalizers')[])`,
    why: 'a node gives its pods the labels of another Service, or a finalizer, with their status',
    tests: ['hub/src/apiserver/behaviour/status-metadata.test.ts'],
  },
  {
    file: authorizer,
    search: `if (namespace !== 'kube-node-lease') return deny('a node has a lease in kube-node-lease only')`,
    replace: ``,
    why: 'a node takes the lease by which the hub leads',
    tests: table,
  },
  {
    file: authorizer,
    search: `const isOwn = podsByNode.hasPod(node, namespace, name)`,
    replace: `const isOwn = !podsByNode.isGone(namespace, name)`,
    why: "a node reads and ends other nodes' pods",
    tests: table,
  },
  {
    file: authorizer,
    search: `if (!isNamedRead || namespace === '' || subresource !== undefined)`,
    replace: `if (subresource !== undefined)`,
    why: 'a node writes the Secrets that its pods name',
    tests: table,
  },
  {
    file: 'hub/src/apiserver/authz/node-user.ts',
    search: `groups.includes('system:nodes') || name.startsWith(prefix)`,
    replace: `groups.includes('system:nodes') && name.startsWith(prefix)`,
    why: 'who is a node by half has the rights of people',
    tests: admission,
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
    search: `match.path.isOpen === true && method === 'GET'`,
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
]
