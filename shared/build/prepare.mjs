// Makes a fresh checkout on a fresh machine ready, with nothing but Node: system packages, npm packages, bundles.
// Every step looks first and does nothing when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const root = new URL('../../', import.meta.url).pathname

/** What a step needs: a command or file that shows it is there, and the Debian package that brings it. */
const forRunning = [
  { has: 'containerd', package: 'containerd' },
  { has: 'runc', package: 'runc' },
  { has: '/usr/lib/cni/ptp', or: '/opt/cni/bin/ptp', package: 'containernetworking-plugins' },
  { has: 'nft', package: 'nftables' },
  { has: 'ip', package: 'iproute2' },
  { has: 'nsenter', package: 'util-linux' },
  { has: 'conntrack', package: 'conntrack' },
  { has: 'mount', package: 'mount' },
  { has: 'sysctl', package: 'procps' },
]
/** The images of the tour are made of these programs. */
const forImages = [
  { has: '/bin/busybox', package: 'busybox-static' },
  { has: 'socat', package: 'socat' },
]
const forTesting = [
  ...forImages,
  { has: 'qemu-aarch64-static', package: 'qemu-user-static' },
  { has: 'unzip', package: 'unzip' },
  { has: 'cc', package: 'g++' }, // the shim of the power cuts; with it come the C headers
  { has: 'curl', package: 'curl' },
  { has: 'openssl', package: 'openssl' },
  { has: 'mosquitto_pub', package: 'mosquitto-clients' },
]
const forCompiling = [
  { has: 'python3', package: 'python3' },
  { has: 'make', package: 'make' },
  { has: 'g++', package: 'g++' },
]

export const isRoot = process.getuid?.() === 0

export function prepareToRun() {
  installSystemPackages(forRunning)
  installNpmPackages()
  run('node', [join(root, 'shared/build/bundle.mjs')])
}

export function prepareForImages() {
  installSystemPackages(forImages)
  installNpmPackages()
  run('node', [join(root, 'shared/build/bundle.mjs')])
}

export function prepareToTest() {
  if (isRoot) installSystemPackages([...forRunning, ...forTesting])
  installNpmPackages()
  run('node', [join(root, 'shared/build/bundle.mjs')])
  run('node', [join(root, 'shared/build/clients.mjs')])
}

/** Runs a command in the repository with its output shown; ends this process with its exit code if it fails. */
export function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) fail(`${command} cannot be run: ${error.message}`)
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0))
}

export function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function installSystemPackages(wanted) {
  const missing = wanted.filter(({ has, or }) => !isThere(has) && !(or && isThere(or))).map((need) => need.package)
  if (missing.length === 0) return
  const list = missing.join(' ')
  if (!isRoot)
    fail(`These system packages are missing: ${list}. Run this once as root (sudo), or install them: sudo apt-get install ${list}`)
  if (!isThere('apt-get')) fail(`These are missing and this system has no apt-get: ${list}. Install what your distribution calls them.`)
  process.stdout.write(`Installing ${list} …\n`)
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 'inherit'] }
  run('apt-get', ['update', '-qq'], quiet)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quiet)
}

function installNpmPackages() {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return
  process.stdout.write('Installing npm packages (a few minutes where better-sqlite3 has to be compiled) …\n')
  const env = { ...process.env, ...localHeaders() }
  const ci = () => spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit', env }).status
  if (ci() === 0) return
  // The usual reason on a bare machine: no prebuilt binary could be fetched and there is no compiler.
  if (forCompiling.every(({ has }) => isThere(has))) fail('npm ci failed; its own message is above.')
  installSystemPackages(forCompiling)
  if (ci() !== 0) fail('npm ci failed; its own message is above.')
}

/** Node's headers where the distribution put them, so that compiling needs no download; only if they are of this very Node. */
function localHeaders() {
  const header = '/usr/include/node/node_version.h'
  if (process.env.npm_config_nodedir || !existsSync(header)) return {}
  const text = readFileSync(header, 'utf8')
  const number = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1]
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(number).join('.')
  return version === process.versions.node ? { npm_config_nodedir: '/usr' } : {}
}

function isThere(name) {
  if (name.startsWith('/')) return existsSync(name)
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(join(folder, name)))
}
