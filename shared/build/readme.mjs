// `npm run readme`: every command of the README, in its order, on a machine with nothing installed: this one's files seen through
// an overlay from which the packages that Bramble needs are purged, with its own /run, /tmp and /var/lib/bramble. About ten minutes.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, isRoot, root } from './prepare.mjs'

if (!isRoot) fail('npm run readme needs root (mounts, packages): run it with sudo.')

const purged = [
  ...['containerd', 'runc', 'containernetworking-plugins', 'nftables', 'conntrack', 'busybox-static', 'socat', 'qemu-user-static'],
  ...['mosquitto-clients', 'unzip'],
]
/** What is not walked here, and where it is. */
const elsewhere = [
  { line: /^npm test\b/, why: 'the whole suite; .ci/run is it' },
  { line: /^npx bramble agent --hub/, why: 'a board of its own: test/journeys/own-board.test.ts' },
]
const upMs = 900_000

const work = mkdtempSync(join(tmpdir(), 'bramble-readme-'))
const machine = join(work, 'machine')
const home = '/root/bramble'
const report = []
let up
let problem
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (problem ??= `stopped by ${signal}`))
try {
  makeMachine()
  for (const line of commandsOf(readFileSync(join(root, 'README.md'), 'utf8'))) await walk(line)
  const ended = new Promise((resolve) => up.on('exit', resolve))
  process.kill(-up.pid, 'SIGINT')
  await ended
} catch (error) {
  problem = error.message
} finally {
  if (up?.exitCode === null) inMachine('npx bramble down', 120_000)
  spawnSync('umount', ['--recursive', '--lazy', machine])
  spawnSync('umount', ['--lazy', work])
  rmSync(work, { recursive: true, force: true })
}
process.stdout.write(`\n${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.arch}\n${report.join('\n')}\n`)
if (problem !== undefined) fail(problem)

function makeMachine() {
  const mount = (...args) => execFileSync('mount', args)
  mount('-t', 'tmpfs', '-o', 'size=3g', 'tmpfs', work)
  for (const folder of ['upper', 'work', 'machine']) mkdirSync(join(work, folder))
  mount('-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${join(work, 'upper')},workdir=${join(work, 'work')}`, machine)
  for (const folder of ['proc', 'sys', 'dev']) mount('--rbind', '--make-rslave', `/${folder}`, join(machine, folder))
  mkdirSync(join(machine, 'var/lib/bramble'), { recursive: true })
  for (const folder of ['run', 'tmp', 'var/lib/bramble']) mount('-t', 'tmpfs', 'tmpfs', join(machine, folder))
  const installed = purged.filter((name) => spawnSync('chroot', [machine, 'dpkg', '-s', name]).status === 0)
  if (installed.length > 0) execFileSync('chroot', [machine, 'apt-get', 'purge', '-y', '-qq', ...installed], { stdio: 'ignore' })
  // A fresh checkout, and the kubectl that is the reader's own.
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root })
  mkdirSync(join(machine, home), { recursive: true })
  const packed = execFileSync('tar', ['--null', '-T', '-', '-c'], { cwd: root, input: files, maxBuffer: 256 * 1024 * 1024 })
  execFileSync('tar', ['-x', '-C', join(machine, home)], { input: packed })
  execFileSync(process.execPath, [join(root, 'shared/build/clients.mjs')], { stdio: 'inherit' })
  execFileSync('cp', [join(root, 'dist/clients/kubectl/kubectl'), join(machine, 'usr/bin/kubectl')])
}

/** The lines of the README's shell blocks, without their remarks. */
function commandsOf(text) {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block)
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
}

async function walk(line) {
  const skipped = elsewhere.find((each) => each.line.test(line))
  if (skipped !== undefined) return void report.push(`not here  ${line}  (${skipped.why})`)
  process.stdout.write(`$ ${line}\n`)
  const since = performance.now()
  if (/^npm start\b/.test(line)) await start(line)
  else if (line.startsWith('export ')) Object.assign(process.env, Object.fromEntries([line.slice('export '.length).split('=')]))
  else {
    // What follows for ever is looked at for a while; a NodePort may be a moment behind its Service.
    const { status, stdout, stderr } = /logs -f/.test(line) ? inMachine(`timeout --preserve-status -s INT 5 ${line}`) : inMachine(line)
    if (status !== 0 && !/logs -f/.test(line)) throw new Error(`${line}\nended with ${status}:\n${stdout}${stderr}`)
  }
  report.push(`ok ${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s  ${line}`)
}

function inMachine(line, timeout = upMs) {
  return spawnSync('chroot', [machine, 'sh', '-c', `cd ${home} && ${line}`], { encoding: 'utf8', timeout, maxBuffer: 64 * 1024 * 1024 })
}

function start(line) {
  up = spawn('chroot', [machine, 'sh', '-c', `cd ${home} && exec ${line}`], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error(`${line}: no cluster after ${upMs / 1000} s:\n${text}`)), upMs)
    for (const stream of [up.stdout, up.stderr])
      stream.on('data', (chunk) => {
        text += chunk
        process.stdout.write(chunk)
        if (!text.includes('The cluster is up')) return
        clearTimeout(timer)
        resolve()
      })
    up.on('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${line} ended with ${code}:\n${text}`))
    })
  })
}
