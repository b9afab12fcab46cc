// `npm run mutants [room…]`: plants every mutant of test/mutants in a copy of the tree and runs the tests it names. A mutant
// whose tests still pass has survived: nobody would notice that fault.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { fail, root } from './prepare.mjs'

const workspaces = ['hub', 'edge-agent', 'shared', 'firmware-images']
/** Some mutants make a loop that never ends; no named test takes a tenth of this. */
const longestRunMs = 180_000
/** All of the named tests, on a machine that does other work as well. */
const longestFirstRunMs = 1_200_000

const rooms = process.argv.slice(2)
const mutants = (await readMutants()).filter(({ room }) => rooms.length === 0 || rooms.includes(room))
if (mutants.length === 0) fail(`No mutants${rooms.length > 0 ? ` of ${rooms.join(', ')}` : ''} in test/mutants.`)
const wrong = mutants.flatMap(cannotBePlanted)
if (wrong.length > 0) fail(wrong.join('\n'))

const copies = Array.from({ length: Math.min(availableParallelism(), mutants.length) }, copyOfTheTree)
process.once('exit', () => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))]
process.stdout.write(`${mutants.length} mutants, ${tests.length} test files; first the tests without any …\n`)
const healthy = await runTests(copies[0], tests, longestFirstRunMs)
if (!healthy.passed) fail(`The tests must pass before a fault is planted: ${healthy.why}`)

const waiting = [...mutants]
const verdicts = []
await Promise.all(copies.map(plantInTurn))
const survivors = verdicts.filter(({ killed }) => !killed)
process.stdout.write(`\n${table(verdicts)}\n\n`)
for (const { mutant, why } of survivors) process.stdout.write(`survived: ${mutant.file}: ${mutant.why} (${why})\n`)
process.stdout.write(`${verdicts.length - survivors.length} killed, ${survivors.length} survived\n`)
process.exit(survivors.length > 0 ? 1 : 0)

async function plantInTurn(copy) {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const file = join(copy, mutant.file)
    const source = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      source.replace(mutant.search, () => mutant.replace),
    )
    const { passed, failedTest, why } = await runTests(copy, mutant.tests)
    writeFileSync(file, source)
    const killed = !passed && failedTest !== undefined
    verdicts.push({ mutant, killed, why: killed ? failedTest : why })
    process.stdout.write(`${killed ? 'killed  ' : 'SURVIVED'} ${mutant.room}: ${mutant.why}\n`)
  }
}

/** Runs the named tests in the copy, up to the first that fails; one that starts the product bundles it itself. A tree that does not load kills nothing. */
async function runTests(copy, tests, withinMs = longestRunMs) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const { code, timedOut, output } = await run(copy, withinMs, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', 'test/vitest.config.ts', '--project', 'unit*', '--reporter=json', `--outputFile=${report}`],
    ...(tests.length > 5 ? [] : ['--maxWorkers=1', '--bail=1']),
    ...tests,
  ])
  const noEnd = `(no end within ${withinMs / 1000} s)`
  if (timedOut) return { passed: false, failedTest: noEnd, why: noEnd }
  const results = readReport(report)
  if (results === undefined) return { passed: false, why: `vitest ended with ${code}: ${output.slice(-400)}` }
  const missing = tests.filter((test) => !results.some(({ name }) => name === join(copy, test)))
  if (missing.length > 0) return { passed: false, why: `not among the unit tests: ${missing.join(', ')}` }
  const failed = results.flatMap(({ assertionResults }) => assertionResults).find(({ status }) => status === 'failed')
  if (failed !== undefined) return { passed: false, failedTest: failed.fullName, why: `${failed.fullName}: ${failed.failureMessages[0]}` }
  if (code === 0) return { passed: true, why: 'its tests pass' }
  return {
    passed: false,
    why: `no test failed, but a file did: ${results.find(({ status }) => status === 'failed')?.message ?? output.slice(-400)}`,
  }
}

/** A process in a group of its own, so that a test's children end with it. */
function run(cwd, withinMs, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-10_000)))
    let timedOut = false
    const endGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // nobody is left in it
      }
    }
    const timer = setTimeout(() => {
      timedOut = true
      endGroup()
    }, withinMs)
    process.once('exit', endGroup)
    child.on('close', (code) => {
      clearTimeout(timer)
      process.off('exit', endGroup)
      resolve({ code, timedOut, output })
    })
  })
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults
  } catch {
    return undefined // it ended before it wrote one
  }
}

/** The sources, with the packages of this tree linked in; our own packages are those of the copy. */
function copyOfTheTree() {
  const copy = mkdtempSync(join(tmpdir(), 'bramble-mutant-'))
  for (const entry of [...workspaces, 'test', 'docs', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true, filter: (path) => basename(path) !== 'node_modules' })
  }
  const packages = join(copy, 'node_modules')
  mkdirSync(join(packages, '@bramble'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => name !== '@bramble' && !name.startsWith('.vite'))) {
    symlinkSync(join(root, 'node_modules', name), join(packages, name))
  }
  for (const name of workspaces) symlinkSync(join(copy, name), join(packages, '@bramble', name))
  return copy
}

async function readMutants() {
  const folder = join(root, 'test/mutants')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'mutant.ts')
  const lists = files.map(async (file) => {
    const { outputFiles } = await build({ entryPoints: [join(folder, file)], bundle: true, write: false, platform: 'node', format: 'esm' })
    const { mutants } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
    return mutants.map((mutant) => ({ ...mutant, room: basename(file, '.ts') }))
  })
  return (await Promise.all(lists)).flat()
}

function cannotBePlanted({ room, file, search, replace, tests }) {
  const where = `test/mutants/${room}.ts: in ${file} the text ${JSON.stringify(search)}`
  const missing = [file, ...tests].filter((path) => !existsSync(join(root, path)))
  if (missing.length > 0) return [`${where}: there is no ${missing.join(', no ')}`]
  const count = readFileSync(join(root, file), 'utf8').split(search).length - 1
  if (count !== 1) return [`${where} stands ${count} times, it must stand there once`]
  return search === replace ? [`${where} is replaced by itself`] : []
}

function table(rows) {
  const cells = rows
    .toSorted((a, b) => a.mutant.room.localeCompare(b.mutant.room) || a.mutant.why.localeCompare(b.mutant.why))
    .map(({ mutant, killed, why }) => [killed ? 'killed' : 'SURVIVED', mutant.room, mutant.why, why])
  const all = [['', 'room', 'fault', 'caught by'], ...cells]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column].length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
