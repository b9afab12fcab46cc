// Builds the images that the examples and the tests use, out of Debian's static busybox: dist/images/*.tar.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ArchiveFile, ociArchive } from '@bramble/edge-agent/runtime/oci-archive.ts'

type Architecture = 'amd64' | 'arm64'

const out = new URL('./images/', import.meta.url).pathname
const native: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const applets = [
  ...[
    'sh',
    'ls',
    'cat',
    'echo',
    'sleep',
    'usleep',
    'timeout',
    'true',
    'false',
    'date',
    'env',
    'id',
    'ps',
    'kill',
    'uname',
    'hostname',
    'test',
    'sync',
    'yes',
    'seq',
  ],
  ...['httpd', 'nc', 'ip', 'ping', 'nslookup', 'traceroute'],
  ...['mkdir', 'rm', 'mv', 'cp', 'ln', 'touch', 'stat', 'find', 'chmod', 'chown', 'mkfifo', 'df', 'mount', 'dd', 'tar'],
  ...[
    'head',
    'tail',
    'grep',
    'sed',
    'awk',
    'sort',
    'cut',
    'tr',
    'wc',
    'tee',
    'xargs',
    'printf',
    'pwd',
    'vi',
    'less',
    'md5sum',
    'sha256sum',
  ],
]

mkdirSync(out, { recursive: true })

for (const architecture of [native, native === 'amd64' ? 'arm64' : 'amd64'] as const) {
  // `busybox:1` is what the machine itself can run; the other architecture carries its name in the tag.
  const tag = architecture === native ? '1' : `1-${architecture}`
  const file = join(out, `busybox-${tag}.tar`)
  if (!existsSync(file)) {
    const name = `docker.io/library/busybox:${tag}`
    writeFileSync(file, busyboxImage({ architecture, name, applets, command: ['/bin/sh'] }))
  }
  process.stdout.write(`${file}\n`)
}

// A web server without an argument, and what asks it: in place of the images that `helm create` writes down.
const http = join(out, 'http-1.tar')
if (!existsSync(http))
  writeFileSync(
    http,
    busyboxImage({
      architecture: native,
      name: 'docker.io/library/http:1',
      applets: [...applets, 'wget'],
      command: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'],
    }),
  )
process.stdout.write(`${http}\n`)

// UDP, which busybox cannot serve.
const socat = join(out, 'socat-1.tar')
if (!existsSync(socat)) writeFileSync(socat, socatImage('docker.io/library/socat:1'))
process.stdout.write(`${socat}\n`)

/** The machine's own socat with the libraries that it is linked to. */
function socatImage(name: string): Buffer {
  const program = '/usr/bin/socat'
  const libraries = [
    ...execFileSync('ldd', [program])
      .toString()
      .matchAll(/(\/\S+) \(0x/g),
  ].map(([, path = '']) => path)
  const files = [program, '/bin/busybox', ...libraries].map((path): ArchiveFile => ({
    path: path.slice(1),
    mode: 0o755,
    data: readFileSync(path),
  }))
  return ociArchive({ name, architecture: native, files, config: { Entrypoint: [program] } })
}

type BusyboxImage = {
  readonly architecture: Architecture
  readonly name: string
  readonly applets: readonly string[]
  readonly command: readonly string[]
}

function busyboxImage({ architecture, name, applets, command }: BusyboxImage): Buffer {
  const files: ArchiveFile[] = [
    ...['bin', 'etc', 'tmp', 'www', 'var', 'root'].map((path) => ({ path, mode: path === 'tmp' ? 0o1777 : 0o755, directory: true })),
    { path: 'bin/busybox', mode: 0o755, data: busybox(architecture) },
    ...applets.map((applet) => ({ path: `bin/${applet}`, mode: 0o777, linkTo: 'busybox' })),
    { path: 'etc/passwd', mode: 0o644, data: Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n') },
    { path: 'etc/group', mode: 0o644, data: Buffer.from('root:x:0:\nnogroup:x:65534:\n') },
    { path: 'www/index.html', mode: 0o644, data: Buffer.from('hello from bramble\n') },
  ]
  return ociArchive({ name, architecture, files, config: { Cmd: command, Env: ['PATH=/bin'] } })
}

/** The static busybox of the architecture: the machine's own, or taken out of Debian's package without installing it. */
function busybox(architecture: Architecture): Buffer {
  if (architecture === native && existsSync('/bin/busybox')) return readFileSync('/bin/busybox')
  const folder = mkdtempSync(join(tmpdir(), 'busybox-'))
  try {
    const run = (command: string, args: string[]) => execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    run('chown', ['_apt', folder]) // as whom apt fetches
    run('dpkg', ['--add-architecture', architecture])
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['download', '-qq', `busybox-static:${architecture}`])
    const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new Error(`apt-get download brought no busybox-static:${architecture}`)
    run('dpkg', ['-x', archive, '.'])
    return readFileSync(join(folder, existsSync(join(folder, 'usr/bin/busybox')) ? 'usr/bin/busybox' : 'bin/busybox'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
