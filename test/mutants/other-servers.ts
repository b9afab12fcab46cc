import type { Mutant } from './mutant.ts'

const remote = 'hub/src/apiserver/remote'
const asked = [`${remote}/remote.test.ts`]
const protobuf = 'hub/src/apiserver/answers/protobuf'
const aggregation = 'hub/src/apiserver/aggregation'
const services = ['hub/src/apiserver/behaviour/api-services.test.ts']
const dialling = 'edge-agent/src/kubelet/dialling'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/controllers/namespaces/remote-content.ts',
    search: `if (!isAvailable || !isRead)`,
    replace: `if (!isAvailable)`,
    why: 'a namespace goes while a server of which nothing is known yet keeps things in it',
    tests: ['hub/src/controllers/namespaces/namespaces.test.ts'],
  },
  {
    file: 'hub/src/controllers/namespaces/pages.ts',
    search: `if (next === '' || next === from) return`,
    replace: `if (next === '') return`,
    why: 'a server that knows nothing of pages holds a namespace for ever',
    tests: ['hub/src/controllers/namespaces/empty.test.ts'],
  },
  {
    file: 'hub/src/client/whole-answer.ts',
    search: 'if (length > maxBytes)',
    replace: 'if (length > Infinity)',
    why: "a list of another server's without end fills the hub's memory",
    tests: ['hub/src/client/loopback.test.ts'],
  },
  {
    file: `${remote}/remote.ts`,
    search: 'if (counted.size < maxCountedHosts) counted.add',
    replace: 'counted.add',
    why: 'who makes Services and webhooks of ever other names fills the metrics with them',
    tests: asked,
  },
  {
    file: `${remote}/remote.ts`,
    search: 'if (length > maxBytes) throw',
    replace: 'if (length > Infinity) throw',
    why: "a webhook's answer without end fills the hub's memory",
    tests: asked,
  },
  {
    file: `${remote}/remote.ts`,
    search: 'setTimeout(() => limit.abort(timedOut), request.timeoutMs)',
    replace: 'setTimeout(() => {}, request.timeoutMs)',
    why: 'a webhook that says nothing keeps a write waiting for good',
    tests: asked,
  },
  {
    file: `${remote}/remote.ts`,
    search: 'const isStale = mayRepeat && ',
    replace: 'const isStale = ',
    why: 'a write to another server is made twice',
    tests: asked,
  },
  {
    file: `${remote}/remote-agent.ts`,
    search: "rejectUnauthorized: trust.type === 'roots'",
    replace: 'rejectUnauthorized: false',
    why: 'anybody answers for a webhook',
    tests: asked,
  },
  {
    file: `${remote}/remote-agent.ts`,
    search: 'const { target, identity } = options as Towards // only `send` makes requests with it\n    return keyOf(target, identity)',
    replace: 'const { target } = options as Towards\n    return target.authority',
    why: 'a connection that was trusted blindly is used for who looks at certificates',
    tests: asked,
  },
  {
    file: `${remote}/target.ts`,
    search: "if (url.protocol !== 'https:') throw",
    replace: "if (url.protocol === '') throw",
    why: 'what is sent to a webhook goes over the network unsealed',
    tests: asked,
  },
  {
    file: `${aggregation}/forward.ts`,
    search: " || name.startsWith('x-remote-')",
    replace: '',
    why: 'a caller adds groups to his own at every extension server',
    tests: services,
  },
  {
    file: `${aggregation}/forward.ts`,
    search: "'accept-encoding', 'authorization',",
    replace: "'accept-encoding',",
    why: 'whoever makes an APIService collects the tokens of its callers',
    tests: services,
  },
  {
    file: `${aggregation}/forward.ts`,
    search: 'status >= 300 && status < 400 && headers.location',
    replace: 'status >= 900 && headers.location',
    why: 'an extension server sends callers with their credentials elsewhere',
    tests: services,
  },
  {
    file: `${aggregation}/remote-groups.ts`,
    search: ' || stored().has(apiVersionOf({ group, version }))',
    replace: '',
    why: "an APIService takes the hub's own kinds away from everybody",
    tests: services,
  },
  {
    file: `${protobuf}/split-list.ts`,
    search: 'if (byte === backslash) at++',
    replace: 'if (byte === backslash) at += 0',
    why: 'a quotation mark in an object ends a list in the middle',
    tests: [`${protobuf}/split-list.test.ts`],
  },
  {
    file: `${protobuf}/wanted.ts`,
    search: 'else if (as === undefined && hasProtobuf(match.route.speaks.node))',
    replace: 'else if (as === undefined)',
    why: 'a client of protobuf gets what it cannot read, though it takes JSON too',
    tests: ['hub/src/apiserver/behaviour/protobuf-answers.test.ts'],
  },
  {
    file: 'hub/src/apiserver/posted/pod-metrics.ts',
    search: '.filter(({ name }) => names.has(name))',
    replace: '',
    why: 'a node makes up containers of its pods',
    tests: ['hub/src/apiserver/behaviour/top.test.ts'],
  },
  {
    file: 'shared/src/streams/node-usage.ts',
    search: 'const name = z.string().check(z.maxLength(253))',
    replace: 'const name = z.string()',
    why: 'what a node says of its use stands in the hub in any length',
    tests: ['shared/src/streams/node-usage.test.ts'],
  },
  {
    file: `${dialling}/dial-server.ts`,
    search: 'if (sandbox.ips.includes(address)) return undefined',
    replace: 'return undefined',
    why: "who writes an EndpointSlice reaches what listens on a node's loopback",
    tests: [`${dialling}/dial-server.test.ts`],
  },
  {
    file: `${dialling}/dial-server.ts`,
    search: 'address === deps.hostIP() && declares(wanted, port)',
    replace: 'address === deps.hostIP()',
    why: 'a pod in the network of the host opens all of the host',
    tests: [`${dialling}/dial-server.test.ts`],
  },
  {
    file: `${aggregation}/forward.ts`,
    search: 'if (!deps.open.take(name, 1)) throw tooMany(name)',
    replace: 'deps.open.take(name, 1)',
    why: "one program's watches of another server take all connections to such",
    tests: services,
  },
  {
    file: `${remote}/remote.ts`,
    search: "mayRepeat: request.method === 'GET', agent: opens }",
    replace: "mayRepeat: request.method === 'GET', agent: asks }",
    why: 'the hub converts nothing and finds no server available while others watch it',
    tests: asked,
  },
]
