// `npm test`: set-up, then types, lint, unit tests and, as root, the end-to-end journeys on real containerd.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureArm64Emulation } from './binfmt.mjs'
import { isRoot, prepareToTest, root, run } from './prepare.mjs'

prepareToTest()
process.stdout.write('Checking types, lint, formatting and imports …\n')
run('npm', ['run', '--silent', 'check'])
run('npm', ['run', '--silent', 'lint'])

const report = join(root, 'dist/test-report.json')
mkdirSync(join(root, 'dist'), { recursive: true })
rmSync(report, { force: true })
const projects = isRoot ? ['unit', 'e2e'] : ['unit']
if (!isRoot)
  process.stdout.write('Without root: the end-to-end tests (containerd, nftables, network namespaces) are left out; run them with sudo.\n')
else {
  run(process.execPath, [join(root, 'dist/build-images.mjs')])
  if (!ensureArm64Emulation())
    process.stdout.write('This kernel cannot register QEMU for arm64: the foreign image is only checked to be refused.\n')
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
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
)

const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, testResults } = JSON.parse(readFileSync(report, 'utf8'))
// A file that does not even load has no test that could fail: count it.
const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
if (skipped > 0) process.stdout.write(`${skipped} skipped: each says why in its title\n`)
process.stdout.write(`${passed} passed, ${failed + broken} failed\n`)
process.exit(status ?? 1)
