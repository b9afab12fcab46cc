import { KubeConfig, PortForward } from '@kubernetes/client-node'
import { createHash, randomBytes } from 'node:crypto'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlAges } from '../harness/clients.ts'
import { freePort, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { closing } from '@bramble/hub/testing/closing.ts'

describe('ports of pods, forwarded by real clients from a real containerd', () => {
  let cluster: TestCluster
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.apply(manifest)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=90s')
  })
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await cluster?.[Symbol.asyncDispose]()
  })

  /** A kubectl that forwards each of these ports of a target; answers once it listens for all. */
  const forward = async (age: (typeof kubectlAges)[number], target: string, ports: readonly number[]) => {
    const own = await Promise.all(ports.map(freePort))
    const args = ['port-forward', '--address', '127.0.0.1', target, ...ports.map((port, index) => `${own[index]}:${port}`)]
    const child = spawn(clientBinary(`kubectl-${age}`), args, { env: { ...process.env, KUBECONFIG: cluster.layout.kubeconfig } })
    running.add(child)
    const seen = { said: '' }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (seen.said += chunk.toString()))
    const ended = once(child, 'close')
    await expect.poll(() => seen.said.match(/^Forwarding from /gm)?.length ?? 0, { timeout: 20_000 }).toBe(ports.length)
    return {
      at: (port: number) => own[ports.indexOf(port)] ?? 0,
      seen,
      ended,
      async [Symbol.asyncDispose]() {
        child.kill()
        await ended
        running.delete(child)
      },
    }
  }

  describe.each(kubectlAges)('kubectl %s', (age) => {
    it('reaches what listens at localhost alone, and over IPv6 alone, with many connections at a time', async () => {
      await using kubectl = await forward(age, 'pod/box', [8080, 8086])
      expect(await page(kubectl.at(8080), '/')).toContain('hello from bramble')
      expect(await page(kubectl.at(8086), '/')).toContain('hello from bramble')
      const sum = (await page(kubectl.at(8080), '/www/sum')).slice(0, 32)
      const all = await Promise.all(Array.from({ length: 12 }, (_, index) => bytes(kubectl.at(index % 2 ? 8080 : 8086), '/www/big')))
      expect(all.map(md5)).toEqual(all.map(() => sum))
    })

    it('carries much in both directions, and the end of what it sends', async () => {
      await using kubectl = await forward(age, 'pod/box', [7001, 7002])
      const sent = randomBytes(20_000_000)
      expect(md5(await said(kubectl.at(7001), sent))).toBe(md5(sent))
      expect((await said(kubectl.at(7002), sent)).toString()).toContain(md5(sent))
    })

    it('says at which port nobody listens', async () => {
      await using kubectl = await forward(age, 'pod/box', [9, 8080])
      expect((await said(kubectl.at(9), Buffer.from('x')).catch(() => Buffer.alloc(0))).length).toBe(0)
      await expect
        .poll(() => kubectl.seen.said)
        .toMatch(/error forwarding port 9 to pod box, uid [-0-9a-f]+: .*ECONNREFUSED 127\.0\.0\.1:9/)
      // kubectl ends by itself then; the session is the same for who does not (see the hub's own tests).
    })

    it('finds the pod of a Service by itself', async () => {
      await using kubectl = await forward(age, 'service/web', [80])
      expect(await page(kubectl.at(80), '/')).toContain('hello from bramble')
    })

    it('ends with its pod, and says so', async () => {
      const name = `brief-${age.replace('.', '-')}`
      await cluster.apply(manifest.split('---')[0]?.replace('name: box', `name: ${name}`) ?? '')
      await cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=90s')
      await using kubectl = await forward(age, `pod/${name}`, [7001])
      const socket = connect(kubectl.at(7001), '127.0.0.1')
      socket.on('error', () => {}) // it is broken off
      socket.write('x')
      await once(socket, 'data')
      const closed = closing(socket)
      await cluster.kubectl('delete', 'pod', name, '--wait=false')
      await closed
      await kubectl.ended
      expect(kubectl.seen.said).toContain('lost connection to pod')
    })
  })

  it('the JavaScript client forwards each connection over a WebSocket of its own', async () => {
    const config = new KubeConfig()
    config.loadFromFile(cluster.layout.kubeconfig)
    const client = new PortForward(config)
    const errors = new PassThrough()
    let wrong = ''
    errors.on('data', (chunk: Buffer) => (wrong += chunk.toString()))
    const sockets = new Set<{ close(): void }>()
    const join = async (socket: Socket) => {
      socket.on('error', () => {})
      const made = await client.portForward('default', 'box', [8080], socket, errors, socket)
      const open = made as { close(): void; on(event: string, listener: () => void): void } // without retries it is the WebSocket
      sockets.add(open)
      open.on('close', () => socket.end())
    }
    const server = createServer((socket) => void join(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // of TCP
    try {
      const sum = (await page(port, '/www/sum')).slice(0, 32)
      const all = await Promise.all(Array.from({ length: 6 }, () => bytes(port, '/www/big')))
      expect(all.map(md5)).toEqual(all.map(() => sum))
      await client.portForward('default', 'box', [9], new PassThrough(), errors, new PassThrough())
      await expect.poll(() => wrong).toContain('error forwarding port 9 to pod box')
    } finally {
      for (const open of sockets) open.close()
      server.close()
    }
  })
})

const md5 = (from: Uint8Array) => createHash('md5').update(from).digest('hex')

async function all(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece as Buffer) // it has no encoding
  return Buffer.concat(pieces)
}

/** What is answered to that, and then the end of it. */
async function said(port: number, words: Uint8Array): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(words)
  return all(socket)
}

/** By HTTP/1.0, whose answer ends with the connection. */
async function bytes(port: number, path: string): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(`GET ${path} HTTP/1.0\r\n\r\n`)
  const answer = await all(socket)
  return answer.subarray(answer.indexOf('\r\n\r\n') + 4)
}

const page = async (port: number, path: string): Promise<string> => (await bytes(port, path)).toString()

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: box, labels: { app: box } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command:
        - sh
        - -c
        - |
          mkdir -p /srv/www && cp /www/index.html /srv && head -c 5000000 /dev/urandom > /srv/www/big
          md5sum < /srv/www/big > /srv/www/sum
          httpd -p 127.0.0.1:8080 -h /srv
          httpd -p [::1]:8086 -h /srv
          nc -ll -p 7001 -e cat &
          nc -ll -p 7002 -e md5sum &
          touch /tmp/ready
          sleep 100000
      readinessProbe: { exec: { command: [test, -e, /tmp/ready] }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: box }, ports: [{ port: 80, targetPort: 8080 }] }
`
