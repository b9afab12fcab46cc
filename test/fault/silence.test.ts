import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineApart, silence } from '../harness/apart.ts'
import { command, eventually, freePort, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { type GoingOn, kubectlsGoingOn } from '../harness/going-on.ts'
import { pidsIn } from '../harness/pids-in.ts'
import { commandOf, runtimePid } from '../harness/processes.ts'

describe('streams whose other side says nothing any more', () => {
  let cluster: TestCluster
  const kubectls = kubectlsGoingOn(() => cluster.layout.kubeconfig)
  const start = (...words: readonly string[]) => kubectls.start(words)
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 }) // each in a network of its own
    await cluster.importImage('busybox-1.tar')
    await cluster.apply([pod('box', 'node-1', talks), pod('loud', 'node-1', shouts), pod('far', 'node-2', talks)].join('---'))
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
  })
  afterAll(async () => {
    kubectls[Symbol.dispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  const containerOf = async (name: string) => {
    const { status } = await cluster.json<{ status: { containerStatuses: { containerID: string }[] } }>('get', 'pod', name)
    return status.containerStatuses[0]?.containerID ?? ''
  }
  const commandsIn = async (name: string) => pidsIn(await containerOf(name)).map(commandOf)
  const isTalking = (what: string, { seen }: GoingOn) => eventually(`${what} to say something`, async () => seen.bytes > 0)
  const works = (name: string) =>
    eventually('a command again', async () => (await cluster.tryKubectl('exec', name, '--', 'echo', 'again')).stdout === 'again\n')
  const memoryOf = (name: string) =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${cluster.pidOf(name)}/status`, 'utf8'))?.[1]) / 1024
  const forwarded = async (name: string) => {
    const port = await freePort()
    const kubectl = start('port-forward', `pod/${name}`, `${port}:7001`)
    await isTalking('port-forward', kubectl)
    const socket = connect(port, '127.0.0.1').on('error', () => {}) // it is broken off
    let heard = 0
    socket.on('data', (bytes) => (heard += bytes.length))
    await eventually('the port to say something', async () => heard > 0)
    return { kubectl, socket, heard: () => heard }
  }
  /** Whether the loud ones write no more, as seen from one time to the next. */
  const standsStill = async () => {
    const [box, loud] = [await containerOf('box'), await containerOf('loud')]
    const written = (pid: number) => /wchar: \d+/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[0]
    let before = ''
    return async () => {
      // The loud one has new processes for each of its lines.
      const yes = pidsIn(box).filter((pid) => commandOf(pid) === 'yes')
      const now = JSON.stringify([pidsIn(loud), yes.map(written)])
      const isSame = now === before
      before = now
      return isSame
    }
  }
  /** One of each, all of them open. */
  const all = async (name: string, reads: string) => {
    const [exec, attach, logs] = [start('exec', '-i', name, '--', 'cat', reads), start('attach', name), start('logs', '-f', name)]
    const port = await forwarded(name)
    const isReading = async () => (await commandsIn(name)).includes(`cat ${reads}`)
    await eventually('all to be open', async () => attach.seen.bytes > 0 && logs.seen.bytes > 0 && (await isReading()))
    return { exec, attach, logs, port, isReading }
  }

  it('a runtime that is started again in order ends commands with its reason, and the rest goes on', async () => {
    const { exec, attach, logs, port } = await all('box', '-')
    process.kill(runtimePid(cluster, cluster.nodes[0] ?? ''), 'SIGTERM')
    const reason = expect.stringContaining('the container runtime broke the stream off') as string
    expect(await exec.ended).toMatchObject({ code: 1, err: reason })
    expect(await attach.ended).toMatchObject({ code: 1, err: reason })
    const heard = { logs: logs.seen.bytes, port: port.heard() }
    await eventually('logs and port to go on', async () => logs.seen.bytes > heard.logs && port.heard() > heard.port)
    await works('box')
    port.socket.destroy()
    for (const { child } of [logs, port.kubectl]) child.kill()
    const again = await forwarded('box')
    again.socket.destroy()
    again.kubectl.child.kill()
  })

  // Each of these waits long for what only time tells.
  describe.concurrent('for long', () => {
    it('callers that are stopped take little memory, harm nobody and go on when they are continued', async () => {
      const [node = ''] = cluster.nodes
      const port = await forwarded('box')
      const stopped = [start('exec', 'box', '--', 'yes'), start('attach', 'loud'), start('logs', '-f', 'loud')]
      await Promise.all(stopped.map((each, index) => isTalking(`stream ${index}`, each)))
      const before = [memoryOf('hub'), memoryOf(node)] as const
      for (const { child } of [...stopped, port.kubectl]) child.kill('SIGSTOP')
      // Well within the minute after which kubectl gives up an exec by itself.
      await eventually('what they hear to be held back', await standsStill())
      await works('box')
      expect(memoryOf('hub') - before[0]).toBeLessThan(24)
      expect(memoryOf(node) - before[1]).toBeLessThan(24)
      const heard = [...stopped.map(({ seen }) => seen.bytes), port.heard()]
      for (const { child } of [...stopped, port.kubectl]) child.kill('SIGCONT')
      for (const [index, { seen }] of stopped.entries())
        await eventually(`stream ${index} to go on`, async () => seen.bytes > (heard[index] ?? 0) + 1_000_000)
      await eventually('the port to go on', async () => port.heard() > (heard[3] ?? 0))
      port.socket.destroy()
      for (const { child } of [...stopped, port.kubectl]) child.kill('SIGKILL')
    })

    it('the connections of a caller that has vanished end, and with them the input of its command', async () => {
      await using apart = await machineApart(`apart-${process.pid}`, '10.251.7')
      const server = ['--server', `https://${apart.host}:${cluster.httpsPort}`, '--tls-server-name', 'localhost']
      const inside = (...words: readonly string[]) => kubectls.start([...server, ...words], apart.inside)
      // What is said to it in vain tells that it is gone. As in Kubernetes, what ends with its input ends then, and the loop beside it does not.
      const vanishing = [inside('exec', '-i', 'box', '--', 'sh', '-c', `${says} & exec cat -u -`), inside('logs', '-f', 'box')]
      await Promise.all(vanishing.map((each, index) => isTalking(`stream ${index}`, each)))
      const isReading = async () => (await commandsIn('box')).includes('cat -u -')
      const areHeld = async () => (await command('ss', ['-Htn', 'state', 'established'])).stdout.includes(apart.address)
      expect([await isReading(), await areHeld()]).toEqual([true, true])
      await apart.vanish()
      await eventually('its connections to end', async () => !(await areHeld()), 100_000)
      await eventually('its command to end', async () => !(await isReading()))
      await works('box')
      for (const { child } of vanishing) child.kill('SIGKILL')
    })

    it('a link that is lost ends each stream with that reason, and on the node the input of commands', async () => {
      const { exec, attach, logs, port, isReading } = await all('far', '-')
      expect((await cluster.onNode(1, 'nft', onItsCable)).code).toBe(0)
      const reason = expect.stringMatching(/the connection of node \S+ is lost/) as string
      expect(await exec.ended).toMatchObject({ code: 1, err: reason })
      expect(await attach.ended).toMatchObject({ code: 1, err: reason })
      expect(await logs.ended).toMatchObject({ code: 1 })
      await eventually('the port to be told of', async () => port.kubectl.seen.err.includes('is lost'))
      await eventually('the command to have ended', async () => !(await isReading()))
      await cluster.onNode(1, 'nft', 'delete', 'table', 'inet', 'silence')
      await works('far')
      port.socket.destroy()
      port.kubectl.child.kill()
    })
  })
})

/** For a node, whose pods it does not concern. */
const onItsCable = silence.replaceAll(
  /(hook \w+ priority -10; policy) drop;/g,
  '$1 accept;\n    iifname "eth0" drop\n    oifname "eth0" drop',
)

const says = 'while echo alive; do sleep 1; done'
const talks = `nc -ll -p 7001 -e sh -c "while :; do echo port; sleep 1; done" & ${says}`
const shouts = 'while :; do head -c 100000 /dev/zero | tr "\\\\0" x | fold -w 1000; sleep 0.05; done'
const pod = (name: string, node: string, script: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, '${script}']
`
