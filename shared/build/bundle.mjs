// Bundles what runs into dist/: a file a process or worker thread. One file starts faster and takes a third less memory
// than the module tree it came from.
import { build } from 'esbuild'
import { existsSync, readFileSync } from 'node:fs'
import { commitOf } from './commit.mjs'
import { globPlugin } from './glob-plugin.mjs'

const root = new URL('../../', import.meta.url).pathname

const entryPoints = {
  bramble: 'hub/src/cli/main.ts',
  hub: 'hub/src/main.ts',
  'store-worker': 'hub/src/store/sqlite/worker.ts',
  'broker-worker': 'hub/src/broker/thread/worker.ts',
  'signer-worker': 'hub/src/identity/authority/signer-worker.ts',
  agent: 'edge-agent/src/main.ts',
  'forward-helper': 'edge-agent/src/kubelet/forwarding/helper.ts',
  'read-pod': 'edge-agent/src/static-pods/read-pod.ts',
  'watchdog-worker': 'shared/src/process/watchdog-worker.ts',
  'build-images': 'test/images/main.ts',
  'test/bench': 'test/bench/main.ts',
  'test/power-cuts': 'test/fault/power-cut/main.ts',
  'test/attacks': 'test/attacks/main.ts',
  'test/churn': 'test/soak/churn.ts',
  'test/scale': 'test/scale/main.ts',
  'test/fuzz': 'test/fuzz/main.ts',
  'test/fuzz-worker': 'test/fuzz/worker.ts',
}

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(root + file))),
  outdir: process.argv[2] ?? 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Native, so they stay packages; everything else is inside. Only the power cuts build, as a test.
  external: ['better-sqlite3', 'esbuild'],
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  // `ws` goes byte by byte without it.
  alias: { bufferutil: './hub/src/apiserver/upgrades/websocket/mask.ts' },
  plugins: [globPlugin],
  define: { commitOfBundle: JSON.stringify(commitOf(root)) },
  legalComments: 'none',
  // The text of a bundle stays in memory, in lines short enough for a stack to point at; names are kept for the same reason.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  metafile: true,
  sourcemap: false,
  logLevel: 'warning',
})

// V8 keeps a text with one character beyond Latin-1 in two bytes for each: a dash in a comment was 1.7 MB of every hub and agent.
for (const file of Object.keys(metafile.outputs))
  if (/[^\0-\x7f]/.test(readFileSync(root + file, 'latin1')))
    throw new Error(`${file} has characters beyond ASCII: it would take twice its size`)
