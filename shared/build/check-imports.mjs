// The import rules of .dependency-cruiser.cjs. Fails as well when nothing was read: with a TypeScript it does not know, the
// tool finds no module in any file and calls that a success.
import { spawnSync } from 'node:child_process'
import { root } from './prepare.mjs'

const folders = ['hub/src', 'edge-agent/src', 'shared/src', 'firmware-images']
const fewestModules = 300

const { stdout, stderr } = spawnSync(
  'node_modules/.bin/depcruise',
  ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders],
  {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  },
)
const { summary } = JSON.parse(stdout || `{"summary":{"totalCruised":0,"violations":[]}}`)
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`)
if (summary.totalCruised < fewestModules)
  console.error(`only ${summary.totalCruised} modules were read, expected at least ${fewestModules}: ${stderr}`)
process.exit(summary.violations.length > 0 || summary.totalCruised < fewestModules ? 1 : 0)
