import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, type KubectlAge, kubectlAges } from '../harness/clients.ts'
import { command, eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import { controlGroupOf } from '../harness/control-group.ts'
import { openTerminal } from '../harness/terminal.ts'
import { knock, wallOff } from '../harness/wall.ts'

/** What is copied: the newest kubectl brings much, the others show that theirs comes too. */
const bytesOf: Readonly<Record<KubectlAge, number>> = { '1.26': 8_000_000, '1.31': 8_000_000, '1.35': 64 * 1024 * 1024 }

describe('two nodes to which nobody can open a connection', () => {
  let cluster: TestCluster
  const folder = mkdtempSync(join(tmpdir(), 'bramble-copies-'))
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2 })
    await cluster.importImage('busybox-1.tar')
    const wall = await wallOff(cluster)
    // What was open before is not what is tried here: the agents come back from behind it.
    for (const node of cluster.nodes) process.kill(cluster.pidOf(node), 'SIGKILL')
    await cluster.heal()
    await cluster.apply(pods)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
    for (const index of cluster.nodes.keys()) await knock(cluster, wall, index, 10_250)
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster?.[Symbol.asyncDispose]()
  })

  describe.each(kubectlAges)('kubectl %s', (age) => {
    const dashed = age.replace('.', '-')
    const big = join(folder, `big-${age}`)
    const bytes = randomBytes(bytesOf[age])
    const sum = createHash('sha256').update(bytes).digest('hex')
    beforeAll(() => writeFileSync(big, bytes))
    const binary = () => clientBinary(`kubectl-${age}`)
    const env = () => ({ KUBECONFIG: cluster.layout.kubeconfig, KUBECACHEDIR: join(cluster.home, `cache-${age}`) })
    const kubectl = async (...args: string[]) => {
      const { code, stdout, stderr } = await command(binary(), args, { env: env(), timeoutMs: 60_000 })
      if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}: ${stderr}`)
      return stdout
    }

    it('reads logs in all ways', async () => {
      expect(await kubectl('logs', 'talker-1', '-c', 'main', '--previous')).toBe('first life\n')
      expect(await kubectl('logs', 'talker-1', '-c', 'main', '--tail=2')).toBe('line 4\nline 5\n')
      expect(await kubectl('logs', 'talker-1', '-c', 'main', '--limit-bytes=8')).toBe('line 1\nl')
      expect(await kubectl('logs', 'talker-1', '-c', 'main', '--since=1h')).toBe(lines)
      // kubectl asks for them in any order.
      const ofAll = await kubectl('logs', 'talker-1', '--all-containers')
      expect([`${lines}beside\n`, `beside\n${lines}`]).toContain(ofAll)
      const stamped = (await kubectl('logs', 'talker-1', '-c', 'main', '--timestamps')).trimEnd().split('\n')
      expect(stamped.map((line) => line.replace(/^\S+Z /, ''))).toEqual(lines.trimEnd().split('\n'))
      const [third = ''] = stamped[2]?.split(' ') ?? []
      // The API's instants are whole seconds: nothing of before is shown, and all from then on.
      expect(await kubectl('logs', 'talker-1', '-c', 'main', `--since-time=${third}`)).toContain('line 3\nline 4\nline 5\n')
      expect(await kubectl('logs', 'talker-1', '-c', 'main', '--since-time=2100-01-01T00:00:00Z')).toBe('')
      const ofBoth = await kubectl('logs', '-l', 'app=talker', '--all-containers', '--prefix', '--tail=1')
      expect(ofBoth.trimEnd().split('\n').sort()).toEqual([
        '[pod/talker-1/main] line 5',
        '[pod/talker-1/side] beside',
        '[pod/talker-2/main] line 5',
        '[pod/talker-2/side] beside',
      ])
    })

    it('follows the logs of both nodes at once, to their end', async () => {
      const pods = ['1', '2'].map((node) => `mortal-${dashed}-${node}`)
      const selector = ['-l', `app=mortal-${dashed}`]
      const follower = command(binary(), ['logs', '-f', '--prefix', ...selector], { env: env(), timeoutMs: 60_000 })
      const say = (pod: string, word: string) => ['exec', pod, '--', 'sh', '-c', `echo ${word} > /tmp/words`]
      for (const word of ['first', 'second']) for (const pod of pods) await kubectl(...say(pod, word))
      // Its container ends with the last word, and may take along who has said it.
      for (const pod of pods) await command(binary(), say(pod, 'bye'), { env: env() })
      const { code, stdout, stderr } = await follower
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      for (const pod of pods)
        expect(stdout.split('\n').filter((line) => line.startsWith(`[pod/${pod}/main] `))).toEqual(
          ['first', 'second', 'bye'].map((word) => `[pod/${pod}/main] ${word}`),
        )
    })

    it('runs a command whose outputs and exit code are its own, and which hears the end of much input', async () => {
      const run = await command(binary(), ['exec', 'talker-2', '-c', 'main', '--', 'sh', '-c', 'echo out; echo err >&2; exit 42'], {
        env: env(),
      })
      expect(run).toEqual({ code: 42, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 42\n' })
      const line = `'${binary()}' exec -i talker-2 -c main -- sha256sum < '${big}'`
      expect(await command('sh', ['-c', line], { env: env() })).toMatchObject({ code: 0, stdout: `${sum}  -\n`, stderr: '' })
    })

    it('gives a command a terminal of the size that its own has, also when that changes', async () => {
      // The size of its own may be there before somebody listens to its changes.
      const script = 'trap "stty size" WINCH; echo ready; stty size; while :; do read -r word && [ "$word" = bye ] && exit 9; done'
      const terminal = openTerminal(`'${binary()}' exec -it talker-1 -c main -- sh -c '${script}'`, { rows: 31, columns: 101, env: env() })
      try {
        await expect.poll(terminal.shown, { timeout: 20_000 }).toMatch(/ready[^]*31 101/)
        terminal.resize(44, 133)
        await expect.poll(terminal.shown, { timeout: 20_000 }).toContain('44 133')
        terminal.type('bye\n')
        expect(await terminal.ended).toBe(9)
      } finally {
        terminal.close()
      }
    })

    it('attaches to what runs, in both directions, until that ends', async () => {
      const said = await command(binary(), ['attach', '-i', `listener-${dashed}`], { env: env(), input: 'one\ntwo\n', timeoutMs: 60_000 })
      expect({ code: said.code, stdout: said.stdout }).toEqual({ code: 0, stdout: 'heard one\nheard two\nheard all\n' })
    })

    it('copies a large file there and back', async () => {
      const back = join(folder, `back-${age}`)
      await kubectl('cp', big, `talker-2:/tmp/${age}`, '-c', 'main')
      expect(await kubectl('exec', 'talker-2', '-c', 'main', '--', 'sha256sum', `/tmp/${age}`)).toBe(`${sum}  /tmp/${age}\n`)
      await kubectl('cp', `talker-2:/tmp/${age}`, back, '-c', 'main')
      expect(createHash('sha256').update(readFileSync(back)).digest('hex')).toBe(sum)
      await kubectl('exec', 'talker-2', '-c', 'main', '--', 'rm', `/tmp/${age}`)
      rmSync(back)
    })

    it('forwards a port, with as much behind it', async () => {
      const child = spawn(binary(), ['port-forward', 'pod/talker-2', ':8080'], { env: { ...process.env, ...env() } })
      try {
        const [line] = (await once(child.stdout, 'data')) as [Buffer]
        const port = Number(/127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1])
        const page = await fetch(`http://127.0.0.1:${port}/big`)
        const read = Buffer.from(await page.arrayBuffer())
        expect(`${createHash('sha256').update(read).digest('hex')}  /srv/big\n`).toBe(
          await kubectl('exec', 'talker-2', '-c', 'main', '--', 'sha256sum', '/srv/big'),
        )
      } finally {
        const ended = once(child, 'close')
        child.kill()
        await ended
      }
    })

    it('asks pods and agents through the API', async () => {
      expect(await kubectl('get', '--raw', '/api/v1/namespaces/default/pods/talker-2:8081/proxy/words')).toBe('behind the wall\n')
      expect(await kubectl('get', '--raw', '/api/v1/nodes/node-2/proxy/healthz')).toBe('ok')
    })

    it('shows what pods and nodes use, as the kernel counts it', async () => {
      const group = await controlGroupOf(cluster, 'busy', 'main')
      const before = group.workingSetBytes()
      const top = await eventually('what the pod uses', async () => {
        const { code, stdout } = await command(binary(), ['top', 'pod', 'busy', '--no-headers'], { env: env() })
        return code === 0 && stdout
      })
      const told = [before, group.workingSetBytes()].map((bytes) => `${Math.floor(bytes / 1024 / 1024)}Mi`)
      expect(told).toContain(/^busy +[1-9]\d*m +([1-9]\d*Mi) *\n$/.exec(top)?.[1])
      const ofNodes = (await kubectl('top', 'nodes', '--no-headers')).trimEnd().split('\n')
      expect(ofNodes.map((line) => /^(\S+) +[1-9]\d*m +\d+% +[1-9]\d*Mi +\d+% *$/.exec(line)?.[1])).toEqual(['node-1', 'node-2'])
    })
  })

  it('tells no more work of a container than the kernel has counted', async () => {
    const path = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/busy'
    const { window, containers } = JSON.parse(await cluster.kubectl('get', '--raw', path)) as PodMetrics
    const group = await controlGroupOf(cluster, 'busy', 'main')
    const nanoCores = Number(/^(\d+)n$/.exec(containers[0]?.usage.cpu ?? '')?.[1])
    expect(nanoCores).toBeGreaterThan(0)
    expect((nanoCores / 1e9) * Number(/^([\d.]+)s$/.exec(window)?.[1])).toBeLessThanOrEqual(group.cpuSeconds())
  })
})

const lines = 'line 1\nline 2\nline 3\nline 4\nline 5\n'

type PodMetrics = { readonly window: string; readonly containers: readonly { readonly usage: { readonly cpu: string } }[] }

const header = (name: string, app: string, node: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${app} } }
spec:
  nodeName: node-${node}
  terminationGracePeriodSeconds: 0
`

/** Its main container has been started twice: what it said in its first life is the log of before. */
const talker = (node: string) => `${header(`talker-${node}`, 'talker', node)}
  volumes: [{ name: state, emptyDir: {} }]
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command:
        - sh
        - -c
        - |
          [ -e /state/again ] || { touch /state/again; echo first life; exit 1; }
          mkdir /srv && echo behind the wall > /srv/words && head -c 8000000 /dev/urandom > /srv/big
          httpd -p 127.0.0.1:8080 -h /srv
          httpd -p 8081 -h /srv
          for each in 1 2 3 4 5; do echo line $each; done
          touch /tmp/ready
          sleep 100000
      volumeMounts: [{ name: state, mountPath: /state }]
      readinessProbe: { exec: { command: [test, -e, /tmp/ready] }, periodSeconds: 1 }
    - name: side
      image: docker.io/library/busybox:1
      command: [sh, -c, 'echo beside; sleep 100000']
`

/** Says what is written into a pipe of it, and ends with the word that it ends with. */
const mortal = (age: string, node: string) => `${header(`mortal-${age}-${node}`, `mortal-${age}`, node)}
  restartPolicy: Never
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'mkfifo /tmp/words; exec 3<>/tmp/words; until [ "$words" = bye ]; do read -r words <&3; echo "$words"; done']
      readinessProbe: { exec: { command: [test, -p, /tmp/words] }, periodSeconds: 1 }
`

const listener = (name: string) => `${header(name, 'listener', '2')}
  restartPolicy: Never
  containers:
    - name: main
      image: docker.io/library/busybox:1
      stdin: true
      stdinOnce: true
      command: [sh, -c, 'while read -r words; do echo "heard $words"; done; echo heard all']
`

/** Always has something to do, and a file in memory. */
const busy = `${header('busy', 'busy', '1')}
  volumes: [{ name: memory, emptyDir: { medium: Memory } }]
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'head -c 30000000 /dev/zero > /memory/file; while :; do usleep 20000; done']
      volumeMounts: [{ name: memory, mountPath: /memory }]
      readinessProbe: { exec: { command: [test, -e, /memory/file] }, periodSeconds: 1 }
`

const ofAges = kubectlAges.map((age) => age.replace('.', '-'))
const pods = [
  ...[talker('1'), talker('2'), busy],
  ...ofAges.flatMap((age) => [mortal(age, '1'), mortal(age, '2'), listener(`listener-${age}`)]),
].join('---')
