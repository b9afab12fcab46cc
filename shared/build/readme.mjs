// `npm run readme`: every command of the README, in its order, on a machine with nothing installed: this one's files seen through
// an overlay from which the packages that Bramble needs are purged, with its own /run, /tmp and /var/lib/bramble. About ten minutes;
// what came of each line is kept in docs/.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, isRoot, root } from './prepare.mjs'
import { linesOf, reportOf } from './readme-lines.mjs'

if (!isRoot) fail('npm run readme needs root (mounts, packages): run it with sudo.')

const purged = [
  ...['containerd', 'runc', 'containernetworking-plugins', 'nftables', 'conntrack', 'busybox-static', 'socat', 'qemu-user-static'],
  ...['mosquitto-clients', 'unzip'],
]
const upMs = 900_000

const work = mkdtempSync(join(tmpdir(), 'bramble-readme-'))
const machine = join(work, 'machine')
const home = '/root/bramble'
const lines = linesOf(readFileSync(join(root, 'README.md'), 'utf8'))
/** What each line took that ended well, by its place. */
const seconds = []
let up
let problem
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (problem ??= `stopped by ${signal}`))
try {
  makeMachine()
  for (const [at, { text, elsewhere }] of lines.entries()) if (elsewhere === undefined) seconds[at] = await walk(text)
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
const day = new Date().toISOString().slice(0, 10)
const report = reportOf({ lines, seconds, problem, day, machine: `Node ${process.versions.node}, ${process.arch}` })
writeFileSync(join(root, `docs/readme-walk-${day}.md`), report)
process.stdout.write(`\n${report}`)
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
  execFileSync('cp', [join(root, 'dist/clients/1.35/kubectl'), join(machine, 'usr/bin/kubectl')])
}

/** Answers how many seconds it took; throws what went wrong. */
async function walk(line) {
  process.stdout.write(`$ ${line}\n`)
  const since = performance.now()
  if (/^npm start\b/.test(line)) await start(line)
  else if (line.startsWith('export ')) Object.assign(process.env, Object.fromEntries([line.slice('export '.length).split('=')]))
  else {
    // What follows for ever is looked at for a while; a NodePort may be a moment behind its Service.
    const { status, stdout, stderr } = /logs -f/.test(line) ? inMachine(`timeout --preserve-status -s INT 5 ${line}`) : inMachine(line)
    if (status !== 0 && !/logs -f/.test(line)) throw new Error(`${line}\nended with ${status}:\n${stdout}${stderr}`)
  }
  return (performance.now() - since) / 1000
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
