// `npm test`: set-up, then types, lint, unit tests and, as root, the end-to-end journeys on real containerd.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ensureArm64Emulation } from './binfmt.mjs'
import { isRoot, prepareToTest, root, run } from './prepare.mjs'
import { retriesFile } from './retries-reporter.mjs'

/** What takes too long for every change; each has a command of its own. */
const notRun = [
  'mutants: npm run mutants (every planted fault must be caught)',
  "the README's commands on a machine with nothing installed: npm run readme",
  'figures, and many objects and nodes: npm run bench',
  '1,000 power cuts (a few are among the tests): npm run power-cuts',
  'attacks on a running hub, with what they cost it and others: npm run attacks',
  'a million inputs for every reader of what comes from outside (ten thousand are among the tests): npm run fuzz',
  'half an hour of churn, whether a heap grows: npm run churn',
]

prepareToTest()
process.stdout.write('Checking types, lint, formatting and imports …\n')
run('npm', ['run', '--silent', 'check'])
run('npm', ['run', '--silent', 'lint'])

const report = join(root, 'dist/test-report.json')
mkdirSync(join(root, 'dist'), { recursive: true })
for (const file of [report, retriesFile]) rmSync(file, { force: true })
const projects = isRoot ? ['unit*', 'e2e'] : ['unit*']
if (!isRoot) notRun.unshift('end-to-end tests (containerd, nftables, network namespaces): run npm test with sudo')
else {
  run(process.execPath, [join(root, 'dist/build-images.mjs')])
  if (!ensureArm64Emulation())
    notRun.unshift('programs of a foreign architecture: this kernel cannot register QEMU; the image is only checked to be refused')
}

const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  [
    'run',
    '--config',
    'test/vitest.config.ts',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--reporter=./shared/build/retries-reporter.mjs',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
)

const { numPassedTests: passed, numFailedTests: failed, testResults } = JSON.parse(readFileSync(report, 'utf8'))
// A file that does not load, or leaves something open at its end, fails although none of its tests does: count it.
const broken = testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
).length
const skipped = testResults.flatMap(({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status === 'skipped' || status === 'pending' || status === 'todo')
    .map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
)
const retried = JSON.parse(readFileSync(retriesFile, 'utf8'))
tell('retries, each a failed test', retried)
tell('skipped, each with the reason in its title', skipped)
tell('not run', notRun)
process.stdout.write(`${passed - retried.length} passed, ${failed + broken + retried.length} failed\n`)
process.exit(retried.length > 0 ? 1 : (status ?? 1))

function tell(what, lines) {
  process.stdout.write(`${what}: ${lines.length === 0 ? 'none' : lines.length}\n${lines.map((line) => `  ${line}\n`).join('')}`)
}
