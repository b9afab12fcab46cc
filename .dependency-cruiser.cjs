// Who may import whom: the rooms of hub and agent, and the few doors to libraries and to the operating system.
const room = (from, ...allowed) => ({
  name: `${from.replaceAll('/', '-')}-keeps-to-itself`,
  comment: `${from} meets its sibling rooms in the API or the cache, not in imports`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(hub|edge-agent)/src/[^/]+/', pathNot: [`^${from}/`, ...allowed.map((path) => `^${path}`)] },
})
const only = (name, library, ...places) => ({
  name: `${name}-only-there`,
  comment: `${name} comes in through ${places.join(', ')}`,
  severity: 'error',
  from: { pathNot: [...places.map((place) => `^${place}`), '\\.test\\.ts$', '^test/'] },
  to: { path: library },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'shared-knows-nobody', severity: 'error', from: { path: '^shared/src' }, to: { path: '^(hub|edge-agent|firmware-images)/' } },
    {
      name: 'hub-and-agent-are-strangers',
      severity: 'error',
      from: { path: '^hub/src', pathNot: ['^hub/src/cli/', '\\.test\\.ts$'] },
      to: { path: '^edge-agent/' },
    },
    { name: 'agent-knows-no-hub', severity: 'error', from: { path: '^edge-agent/src', pathNot: '\\.test\\.ts$' }, to: { path: '^hub/' } },
    ...['store', 'broker', 'identity'].map((name) => room(`hub/src/${name}`, 'hub/src/client')),
    room('hub/src/apiserver', 'hub/src/store/store.ts', 'hub/src/store/memory', 'hub/src/client'),
    ...['scheduler', 'controllers'].map((name) => room(`hub/src/${name}`, 'hub/src/client')),
    ...['link', 'proxy', 'network', 'node', 'runtime', 'cri', 'static-pods'].map((name) =>
      room(`edge-agent/src/${name}`, 'edge-agent/src/cache/(cache|source).ts', 'edge-agent/src/host'),
    ),
    room('edge-agent/src/kubelet', 'edge-agent/src/cache/(cache|source).ts', 'edge-agent/src/host', 'edge-agent/src/cri'),
    only('aedes', 'node_modules/(aedes|mqemitter)', 'hub/src/broker'),
    only('sqlite', 'node_modules/better-sqlite3', 'hub/src/store/sqlite', 'edge-agent/src/cache'),
    only('re2js', 'node_modules/re2js', 'shared/src/schema/structural'),
    only('grpc', '^(node:)?http2$', 'edge-agent/src/cri', 'hub/src/apiserver'),
    only('child_process', '^(node:)?child_process$', 'edge-agent/src/host', 'hub/src/cli'),
  ].map((rule) =>
    rule.name.endsWith('keeps-to-itself') ? { ...rule, from: { ...rule.from, pathNot: '(\\.test\\.ts|/testing/[^/]+)$' } } : rule,
  ),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
}
