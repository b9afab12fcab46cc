import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCri } from '../../edge-agent/src/cri/client.ts'
import type { Cri } from '../../edge-agent/src/cri/cri.ts'
import { type Daemon, startDaemon, stopDaemon } from '../../edge-agent/src/host/daemon.ts'
import { execOk } from '../../edge-agent/src/host/exec.ts'
import { unmountUnder } from '../../edge-agent/src/host/mounts.ts'
import { containerdConfig } from '../../edge-agent/src/runtime/containerd-config.ts'
import { importImage } from '../../edge-agent/src/runtime/images.ts'
import { ociArchive } from '../../edge-agent/src/runtime/oci-archive.ts'
import { pauseProgram } from '../../edge-agent/src/runtime/pause.ts'

export const canRunContainerd =
  process.getuid?.() === 0 && existsSync('/usr/bin/containerd') && existsSync('/bin/busybox') && existsSync('/usr/lib/cni/ptp')
export const whyNoContainerd = canRunContainerd ? '' : ' (skipped: needs root, containerd, CNI plugins and busybox-static)'

export const busyboxImage = 'docker.io/library/busybox:test'
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

/**
 * Busybox under another name, for a registry. Each name is an image of its own:
 * a runtime names one image by whatever was pulled last, in every status of its containers.
 */
export const busyboxArchive = (name: string): Buffer =>
  ociArchive({ name, architecture, files: busyboxFiles(), config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin', `IMAGE=${name}`] } })

/** Busybox whose users stand in a FIFO: who looks one up waits for ever. */
export const fifoImage = 'docker.io/evil/fifo:test'
const fifoArchive = (): Buffer => {
  const files = busyboxFiles().filter(({ path }) => path !== 'etc/passwd')
  return ociArchive({
    name: fifoImage,
    architecture,
    files: [...files, { path: 'etc/passwd', mode: 0o644, fifo: true }],
    config: { User: 'app' },
  })
}

/** A real containerd with its own root, state, socket, CNI configuration and network namespace; `stop` leaves nothing behind. */
export type ContainerdNode = {
  readonly dir: string
  readonly socket: string
  readonly cri: Cri
  /** Lets this node reach what listens on a unix socket at 127.0.0.1, on the port; answers what takes it away. */
  forward(port: number, socketPath: string): Promise<() => Promise<void>>
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startContainerdNode(): Promise<ContainerdNode> {
  const dir = mkdtempSync('/tmp/kubelet-')
  const name = dir.slice('/tmp/'.length)
  const paths = {
    root: join(dir, 'root'),
    state: join(dir, 'state'),
    socket: join(dir, 'c.sock'),
    cniConfDir: join(dir, 'cni'),
    cniBinDir: '/usr/lib/cni',
  }
  mkdirSync(paths.cniConfDir)
  writeFileSync(join(paths.cniConfDir, '10-ptp.conflist'), cniConfig(dir))
  const configFile = join(dir, 'config.toml')
  const config = containerdConfig({ ...paths, sandboxImage: 'bramble.io/pause:1', restrictOomScoreAdj: true, disableApparmor: true })
  writeFileSync(configFile, config)
  await execOk('ip', ['netns', 'add', name])
  await execOk('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  const daemon: Daemon = {
    pidFile: join(dir, 'pid'),
    logFile: join(dir, 'containerd.log'),
    command: 'nsenter',
    args: [`--net=/run/netns/${name}`, 'containerd', '--config', configFile],
  }
  const cri = createCri(paths.socket)
  const start = async () => {
    await startDaemon(daemon)
    const giveUpAt = performance.now() + 60_000
    for (;;) {
      try {
        return await cri.version()
      } catch (error) {
        if (performance.now() > giveUpAt) throw new Error(readFileSync(daemon.logFile, 'utf8'), { cause: error })
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }
  await start()
  const images = {
    pause: ociArchive({
      name: 'bramble.io/pause:1',
      architecture,
      files: [{ path: 'pause', mode: 0o755, data: pauseProgram(architecture) }],
      config: { Entrypoint: ['/pause'] },
    }),
    busybox: busyboxArchive(busyboxImage),
    fifo: fifoArchive(),
  }
  for (const [image, archive] of Object.entries(images)) {
    const file = join(dir, `${image}.tar`)
    writeFileSync(file, archive)
    await importImage(paths.socket, file)
  }

  return {
    dir,
    socket: paths.socket,
    cri,
    async forward(port, socketPath) {
      const forwarder: Daemon = {
        pidFile: join(dir, `forward-${port}.pid`),
        logFile: join(dir, `forward-${port}.log`),
        command: 'nsenter',
        args: [`--net=/run/netns/${name}`, 'socat', `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `UNIX-CONNECT:${socketPath}`],
      }
      await startDaemon(forwarder)
      await execOk('nsenter', [
        `--net=/run/netns/${name}`,
        'socat',
        '-u',
        'OPEN:/dev/null',
        `TCP:127.0.0.1:${port},retry=100,interval=0.05`,
      ])
      return () => stopDaemon(forwarder, 1000)
    },
    async restart() {
      await stopDaemon(daemon, 5000)
      await start()
    },
    async stop() {
      for (const { id } of await cri.listPodSandboxes()) {
        await cri.stopPodSandbox(id)
        await cri.removePodSandbox(id)
      }
      cri.close()
      await stopDaemon(daemon, 5000)
      await unmountUnder([dir])
      await execOk('ip', ['netns', 'del', name])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const applets = [
  'sh',
  'sleep',
  'echo',
  'cat',
  'ls',
  'httpd',
  'wget',
  'true',
  'false',
  'env',
  'id',
  'touch',
  'test',
  'dd',
  'stat',
  'mount',
  'hostname',
  'rm',
  'mkdir',
  'date',
  'tail',
  'grep',
  'kill',
  'ps',
  'yes',
  'head',
]

const busyboxFiles = () => [
  { path: 'bin', mode: 0o755, directory: true },
  { path: 'bin/busybox', mode: 0o755, data: readFileSync('/bin/busybox') },
  ...applets.map((applet) => ({ path: `bin/${applet}`, mode: 0o777, linkTo: 'busybox' })),
  { path: 'tmp', mode: 0o777, directory: true },
  { path: 'etc', mode: 0o755, directory: true },
  { path: 'etc/passwd', mode: 0o644, data: Buffer.from('root:x:0:0:root:/:/bin/sh\n') },
]

const cniConfig = (dir: string) =>
  JSON.stringify({
    cniVersion: '0.4.0',
    name: 'test',
    plugins: [
      {
        type: 'ptp',
        ipam: { type: 'host-local', ranges: [[{ subnet: '10.99.0.0/24' }]], dataDir: join(dir, 'ipam'), routes: [{ dst: '0.0.0.0/0' }] },
      },
    ],
  })
