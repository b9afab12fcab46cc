import { build } from 'esbuild'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createHelpers, type Helpers } from './helpers.ts'

const available = process.getuid?.() === 0 && existsSync('/usr/bin/nsenter')

describe.skipIf(!available)(`connections inside of a pod's network${available ? '' : ' (skipped: needs root and nsenter)'}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'bramble-forwarding-'))
  const pods: ChildProcess[] = []
  let pod = ''
  let other = ''
  let helpers: Helpers
  const signal = new AbortController().signal
  const make = (options: { keepMs?: number; most?: number } = {}) =>
    (helpers = createHelpers({ helper: pathToFileURL(join(dir, 'helper.mjs')), ...options }))

  /** A network with a loopback and servers that only it can reach. */
  const startPod = async (): Promise<string> => {
    const child = spawn('unshare', ['--net', 'sh', '-c', `ip link set lo up && exec ${process.execPath} -e '${servers}'`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    pods.push(child)
    await once(child.stdout as never, 'data') // it has one
    return `/proc/${child.pid}/ns/net`
  }
  beforeAll(async () => {
    await build({
      entryPoints: [new URL('helper.ts', import.meta.url).pathname],
      outfile: join(dir, 'helper.mjs'),
      ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm' },
    })
    ;[pod, other] = await Promise.all([startPod(), startPod()])
  })
  afterEach(() => helpers.close())
  afterAll(() => {
    for (const child of pods) child.kill('SIGKILL')
    rmSync(dir, { recursive: true })
  })

  it('reach what listens at localhost alone, of either family, and hear what it says first', async () => {
    make()
    expect(await heard(await helpers.connect(pod, 8004, signal))).toBe('four at 127.0.0.1')
    expect(await heard(await helpers.connect(pod, 8006, signal))).toBe('six at ::1')
  })

  it('keep their halves apart', async () => {
    make()
    const asks = await helpers.connect(pod, 8001, signal)
    asks.end('words')
    expect(await heard(asks)).toBe('after the end: words')
    const tells = await helpers.connect(pod, 8002, signal)
    expect(await toEnd(tells)).toBe('first I end')
    expect(tells.writable).toBe(true)
    tells.end('then you')
    await once(tells, 'close')
    await expect.poll(() => helpers.connect(pod, 8003, signal).then(heard)).toBe('then you')
  })

  it('are as many at once as are asked for, by one process', async () => {
    make()
    const all = await Promise.all(Array.from({ length: 50 }, () => helpers.connect(pod, 8004, signal)))
    expect(new Set(await Promise.all(all.map(heard)))).toEqual(new Set(['four at 127.0.0.1']))
    expect(helpersIn(pod)).toHaveLength(1)
  })

  it('that nobody takes say so, of both families', async () => {
    make()
    await expect(helpers.connect(pod, 9, signal)).rejects.toThrow(
      "failed to connect to localhost:9 inside of the pod's network, IPv4: connect ECONNREFUSED 127.0.0.1:9, IPv6: connect ECONNREFUSED ::1:9",
    )
  })

  it('to a network that is not there say so', async () => {
    make()
    await expect(helpers.connect('/proc/1/ns/none', 80, signal)).rejects.toThrow(/network could not be entered: .*\/proc\/1\/ns\/none/)
  })

  it('leave no process behind when nobody has asked for a while', async () => {
    make({ keepMs: 50 })
    const socket = await helpers.connect(pod, 8001, signal)
    await expect.poll(() => helpersIn(pod)).toEqual([])
    socket.end('still here')
    expect(await heard(socket)).toBe('after the end: still here')
  })

  it('take turns where there are more pods than processes', async () => {
    make({ most: 1 })
    const both = [pod, other, pod, other].map((network) => helpers.connect(network, 8004, signal).then(heard))
    expect(await Promise.all(both)).toEqual(Array(4).fill('four at 127.0.0.1'))
    await expect.poll(() => helpersIn(pod).length + helpersIn(other).length).toBe(1)
  })

  it('are made anew when the process was killed', async () => {
    make()
    await heard(await helpers.connect(pod, 8004, signal))
    const [pid] = helpersIn(pod)
    process.kill(pid ?? 0, 'SIGSTOP')
    const waiting = helpers.connect(pod, 8004, signal)
    process.kill(pid ?? 0, 'SIGKILL')
    await expect(waiting).rejects.toThrow('the helper ended with SIGKILL')
    expect(await heard(await helpers.connect(pod, 8004, signal))).toBe('four at 127.0.0.1')
  })

  it('that are given up are closed', async () => {
    make()
    const stop = new AbortController()
    const waiting = helpers.connect(pod, 8004, stop.signal)
    stop.abort(new Error('nobody waits'))
    await expect(waiting).rejects.toThrow('nobody waits')
  })

  it('are made by a process that knows nothing of the agent, and ends with it', async () => {
    process.env['BRAMBLE_SECRET'] = 'token'
    make()
    await heard(await helpers.connect(pod, 8004, signal))
    delete process.env['BRAMBLE_SECRET']
    const [pid] = helpersIn(pod)
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((each) => each.split('=')[0])
    expect(names.filter((name) => name !== '' && !name?.startsWith('NODE_CHANNEL')).sort()).toEqual(['PATH'])
    helpers.close()
    await expect.poll(() => helpersIn(pod)).toEqual([])
  })

  /** Processes in that network beside the pod's own. */
  const helpersIn = (network: string): readonly number[] => {
    const inside = readlinkSync(network)
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && !pods.some((child) => child.pid === pid) && networkOf(pid) === inside)
  }
})

const networkOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === '' ? '' : readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return '' // it has ended
  }
}

const heard = (socket: Socket): Promise<string> => toEnd(socket).finally(() => socket.destroy())

const toEnd = async (socket: Socket): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of socket.iterator({ destroyOnReturn: false })) pieces.push(piece as Buffer) // it has no encoding
  return Buffer.concat(pieces).toString()
}

const servers = `
  const { createServer } = require("node:net")
  let last = ""
  const serve = (port, host, talk) => new Promise((resolve) =>
    createServer({ allowHalfOpen: true }, (socket) => { socket.on("error", () => {}); talk(socket) }).listen(port, host, resolve))
  const whole = (socket, then) => { let text = ""; socket.on("data", (piece) => (text += piece)); socket.on("end", () => then(text)) }
  Promise.all([
    serve(8004, "127.0.0.1", (socket) => socket.end("four at 127.0.0.1")),
    serve(8006, "::1", (socket) => socket.end("six at ::1")),
    serve(8001, "127.0.0.1", (socket) => whole(socket, (text) => socket.end("after the end: " + text))),
    serve(8002, "127.0.0.1", (socket) => { socket.end("first I end"); whole(socket, (text) => (last = text)) }),
    serve(8003, "127.0.0.1", (socket) => socket.end(last)),
  ]).then(() => console.log("ready"))`
