import { existsSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { rotateLog } from '../../edge-agent/src/kubelet/logs/log-rotation.ts'
import { stopAllPods } from '../../edge-agent/src/kubelet/stop-all.ts'
import { configMaps, pods, secrets } from '../../edge-agent/src/resources.ts'
import type { Pod } from '../../shared/src/kinds/pod.ts'
import type { StreamRequest } from '../../shared/src/streams/node-stream.ts'
import { busyboxImage, canRunContainerd, type ContainerdNode, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'
import { busybox, kubeletOn, logBytes } from '../harness/kubelet-node.ts'

describe.skipIf(!canRunContainerd)(`the kubelet on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  let agent: ReturnType<typeof kubeletOn>
  beforeAll(async () => {
    node = await startContainerdNode()
    agent = kubeletOn(node)
  })
  afterEach(async () => {
    for (const { metadata } of agent.cache.list(pods)) agent.delete(metadata.name, 0)
    await agent.until(() => agent.cache.list(pods).length === 0, 'all pods gone')
  })
  afterAll(async () => {
    await agent?.stop()
    if (node) await stopAllPods({ cri: node.cri, instance: 'kt', graceSeconds: 0 })
    await node?.stop()
  })
  const running = (name: string) => agent.until(() => agent.status(name)?.phase === 'Running' && agent.status(name), `${name} running`)
  const gone = (name: string) => agent.until(() => !agent.status(name), `${name} gone`)

  it('brings a pod up, tells how it is, and takes it down without a trace', async () => {
    const pod = agent.put({ name: 'web', spec: { containers: [busybox('main', 'echo hello; exec sleep 1000')] } })
    const status = await running('web')
    expect(status.podIP).toMatch(/^10\.99\.0\./)
    expect(status.containerStatuses?.[0]).toMatchObject({ name: 'main', ready: true, started: true, restartCount: 0 })
    expect(status.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ])
    agent.delete('web')
    await gone('web')
    expect(existsSync(`${node.dir}/agent/pods/${pod.metadata.uid}`)).toBe(false)
    expect(existsSync(`${node.dir}/agent/logs/default_web_${pod.metadata.uid}`)).toBe(false)
    expect(await node.cri.listPodSandboxes()).toEqual([])
  })

  const main = (name: string) => agent.status(name)?.containerStatuses?.[0]
  const logsOf = async (pod: Pod, more: Partial<StreamRequest<'logs'>> = {}) => {
    const request = {
      kind: 'logs' as const,
      namespace: 'default',
      pod: pod.metadata.name,
      podUid: pod.metadata.uid ?? '',
      container: 'main',
      follow: false,
      previous: false,
      timestamps: false,
      ...more,
    }
    const chunks: Uint8Array[] = []
    for await (const chunk of logBytes(agent, request, AbortSignal.timeout(10_000))) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('restarts what ends by its policy, waits longer each time, and keeps exit code and words', async () => {
    const crash = agent.put({
      name: 'crash',
      spec: { containers: [busybox('main', 'echo try; echo last words > /dev/termination-log; exit 3')] },
    })
    const job = agent.put({ name: 'job', spec: { restartPolicy: 'Never', containers: [busybox('main', 'echo done')] } })
    agent.put({ name: 'failed', spec: { restartPolicy: 'Never', containers: [busybox('main', 'exit 1'), busybox('other', 'exit 0')] } })
    await agent.until(() => main('crash')?.state?.waiting?.reason === 'CrashLoopBackOff', 'crash loop')
    expect(main('crash')).toMatchObject({
      restartCount: 1,
      ready: false,
      state: { waiting: { message: expect.stringMatching(/^back-off 10s restarting failed container=main pod=crash_default\(/) } },
      lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'last words\n' } },
    })
    expect(agent.status('crash')?.phase).toBe('Running')
    expect(agent.events.filter(({ pod, reason }) => pod === 'crash' && reason === 'BackOff')).toHaveLength(1)
    expect(await logsOf(crash, { previous: true })).toBe('try\n')
    await agent.until(() => agent.status('job')?.phase === 'Succeeded', 'job succeeded')
    expect(main('job')?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
    expect(agent.status('job')?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' })
    expect(await logsOf(job)).toBe('done\n')
    await agent.until(() => agent.status('failed')?.phase === 'Failed', 'pod failed')
  })

  it('runs init containers in order and sidecars beside', async () => {
    const volumes = [{ name: 'shared', emptyDir: {} }]
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
    agent.put({
      name: 'staged',
      spec: {
        volumes,
        initContainers: [
          busybox('first', 'echo a >> /shared/order', { volumeMounts }),
          busybox('side', 'echo side >> /shared/order; exec sleep 1000', {
            volumeMounts,
            restartPolicy: 'Always',
            startupProbe: { exec: { command: ['grep', 'side', '/shared/order'] }, periodSeconds: 1 },
          }),
          busybox('second', 'echo b >> /shared/order', { volumeMounts }),
        ],
        containers: [busybox('main', 'cat /shared/order; exec sleep 1000', { volumeMounts })],
      },
    })
    const status = await running('staged')
    expect(status.initContainerStatuses?.map(({ name, ready, state }) => [name, ready, state?.terminated?.reason])).toEqual([
      ['first', true, 'Completed'],
      ['side', true, undefined],
      ['second', true, 'Completed'],
    ])
    const pod = agent.cache.list(pods).find(({ metadata }) => metadata.name === 'staged')
    await expect.poll(() => pod && logsOf(pod)).toBe('a\nside\nb\n')
  })

  it('waits with the reason of Kubernetes for an image that is not there', async () => {
    agent.put({
      name: 'never',
      spec: { containers: [{ ...busybox('main', 'true'), image: 'registry.invalid/none:1', imagePullPolicy: 'Never' }] },
    })
    agent.put({ name: 'pull', spec: { containers: [{ ...busybox('main', 'true'), image: '127.0.0.1:1/none:1' }] } })
    agent.put({ name: 'name', spec: { containers: [{ ...busybox('main', 'true'), image: 'Not A Name' }] } })
    await agent.until(() => main('never')?.state?.waiting?.reason === 'ErrImageNeverPull', 'never pull')
    await agent.until(() => main('pull')?.state?.waiting?.reason === 'ErrImagePull', 'pull error')
    await agent.until(() => main('name')?.state?.waiting?.reason === 'InvalidImageName', 'invalid name')
    const waiting = await agent.until(
      () => main('pull')?.state?.waiting?.reason === 'ImagePullBackOff' && main('pull')?.state?.waiting,
      'back-off',
    )
    expect(waiting.message).toMatch(/^Back-off pulling image "127.0.0.1:1\/none:1": ErrImagePull: .*127.0.0.1:1/s)
    expect(agent.status('pull')?.phase).toBe('Pending')
  })

  it('restarts a container whose liveness probe fails, and takes an unready one out without a restart', async () => {
    const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 }
    const livenessProbe = { exec: { command: ['test', '!', '-e', '/tmp/sick'] }, periodSeconds: 1, failureThreshold: 1 }
    const script = 'sleep 1.5; touch /tmp/ready; sleep 1.5; touch /tmp/sick; exec sleep 1000'
    agent.put({ name: 'probed', spec: { containers: [busybox('main', script, { readinessProbe, livenessProbe })] } })
    await running('probed')
    expect(main('probed')?.ready).toBe(false)
    await agent.until(() => main('probed')?.ready, 'ready')
    await agent.until(() => main('probed')?.restartCount === 1 && main('probed')?.state?.running, 'restarted')
    expect(main('probed')?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    const reasons = agent.events.filter(({ pod }) => pod === 'probed').map(({ reason, message }) => `${reason}: ${message}`)
    expect(reasons).toContain('Killing: Container main failed liveness probe, will be restarted')
    expect(reasons.some((text) => text.startsWith('Unhealthy: Readiness probe failed'))).toBe(true)
  })

  it('gives ConfigMaps and Secrets as environment and files, waits for missing ones, and follows changes', async () => {
    const config = (data: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data,
    })
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', namespace: 'default' },
      data: { token: Buffer.from('s3cret').toString('base64') },
    }
    const pod = agent.put({
      name: 'configured',
      labels: { app: 'x' },
      spec: {
        volumes: [
          { name: 'config', configMap: { name: 'settings' } },
          { name: 'secret', secret: { secretName: 'key', defaultMode: 0o400 } },
          { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        ],
        containers: [
          busybox(
            'main',
            'echo $GREETING $TOKEN $IP $LIMIT; cat /etc/info/labels; echo; while true; do cat /etc/config/greeting; echo; sleep 0.2; done',
            {
              env: [
                { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
                { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } },
                { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
                { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
              ],
              resources: { limits: { memory: '32Mi', cpu: '500m' } },
              volumeMounts: [
                { name: 'config', mountPath: '/etc/config' },
                { name: 'secret', mountPath: '/etc/secret', readOnly: true },
                { name: 'info', mountPath: '/etc/info' },
                { name: 'memory', mountPath: '/mem' },
              ],
            },
          ),
        ],
      },
    })
    await agent.until(() => agent.events.find(({ pod, reason }) => pod === 'configured' && reason === 'FailedMount'), 'failed mount')
    expect(agent.status('configured')?.phase).toBe('Pending')
    agent.apply(configMaps, [config({ greeting: 'hello' }) as never])
    agent.apply(secrets, [secret as never])
    const status = await running('configured')
    await expect.poll(() => logsOf(pod)).toMatch(`hello s3cret ${status.podIP} 32\napp="x"`)
    agent.apply(configMaps, [config({ greeting: 'changed' }) as never])
    await expect.poll(() => logsOf(pod, { tailLines: 1 }), { timeout: 5000 }).toBe('changed\n')
  })

  it('adopts what runs when the agent starts again, and removes what nobody wants any more', async () => {
    const readinessProbe = { exec: { command: ['true'] } }
    agent.put({ name: 'kept', spec: { containers: [busybox('main', 'exec sleep 1000', { readinessProbe })] } })
    agent.put({ name: 'lost', spec: { containers: [busybox('main', 'exec sleep 1000')] } })
    await Promise.all([running('kept'), running('lost')])
    await agent.until(() => main('kept')?.ready, 'ready')
    const before = main('kept')
    await agent.stop()
    agent.apply(pods, [], [{ namespace: 'default', name: 'lost' }])
    const seenFrom = agent.history.length
    await agent.restart()
    await expect.poll(async () => (await node.cri.listPodSandboxes()).length, { timeout: 10_000 }).toBe(1)
    const after = agent.history.slice(seenFrom).filter(({ name }) => name === 'kept')
    expect(after.map(({ status }) => status.containerStatuses?.[0]?.ready)).not.toContain(false)
    expect(main('kept')).toEqual(before)
  })

  it('brings back a pod whose sandbox died, and a container that was killed', async () => {
    const pod = agent.put({ name: 'phoenix', spec: { containers: [busybox('main', 'echo up; exec sleep 1000')] } })
    await running('phoenix')
    const [container] = await node.cri.listContainers({ labels: { 'io.kubernetes.pod.uid': pod.metadata.uid ?? '' } })
    await node.cri.stopContainer(container?.id ?? '', 0)
    await agent.until(() => main('phoenix')?.restartCount === 1 && main('phoenix')?.state?.running, 'restarted')
    const [sandbox] = await node.cri.listPodSandboxes({ labels: { 'io.kubernetes.pod.uid': pod.metadata.uid ?? '' } })
    await node.cri.stopPodSandbox(sandbox?.id ?? '')
    await agent.until(() => main('phoenix')?.restartCount === 2 && main('phoenix')?.state?.running, 'in a new sandbox')
    // A container runs before it has written anything.
    await expect.poll(() => logsOf(pod)).toBe('up\n')
  })

  it('ends sooner when the grace is cut short', async () => {
    agent.put({
      name: 'stubborn',
      spec: { terminationGracePeriodSeconds: 3600, containers: [busybox('main', "trap '' TERM; while true; do sleep 1; done")] },
    })
    await running('stubborn')
    agent.delete('stubborn', 3600)
    await agent.until(() => agent.events.find(({ pod, reason }) => pod === 'stubborn' && reason === 'Killing'), 'killing')
    agent.delete('stubborn', 0)
    await gone('stubborn')
  })

  it('follows a log through rotation', async () => {
    const pod = agent.put({
      name: 'chatty',
      spec: { containers: [busybox('main', 'i=0; while true; do echo line $i; i=$((i+1)); sleep 0.1; done')] },
    })
    await running('chatty')
    const log = `${node.dir}/agent/logs/default_chatty_${pod.metadata.uid}/main/0.log`
    const request = { kind: 'logs' as const, namespace: 'default', pod: 'chatty', podUid: pod.metadata.uid ?? '', container: 'main' }
    const abort = new AbortController()
    let text = ''
    const reader = (async () => {
      const stream = logBytes(agent, { ...request, follow: true, previous: false, timestamps: false }, abort.signal)
      for await (const chunk of stream) {
        text += Buffer.from(chunk).toString()
        if (text.includes('line 12\n')) return
      }
    })()
    await expect.poll(() => text).toContain('line 3\n')
    const [container] = await node.cri.listContainers({ labels: { 'io.kubernetes.pod.uid': pod.metadata.uid ?? '' } })
    await rotateLog(log, { maxFiles: 3, reopen: () => node.cri.reopenContainerLog(container?.id ?? '') })
    await reader
    expect(text.split('\n').slice(0, 13)).toEqual(Array.from({ length: 13 }, (_, index) => `line ${index}`))
    expect((await logsOf(pod, { tailLines: 100 })).startsWith('line 0\nline 1\n')).toBe(true)
    abort.abort()
  })

  it('runs preStop and postStart, and honours the grace between the signal and the kill', async () => {
    const lifecycle = {
      postStart: { exec: { command: ['/bin/sh', '-c', 'echo post > /shared/post'] } },
      preStop: { exec: { command: ['/bin/sh', '-c', 'echo pre > /shared/pre; sleep 0.3'] } },
    }
    const shared = `${node.dir}/shared`
    const trap = "trap 'cat /shared/pre > /shared/end; exit 5' TERM; while true; do sleep 0.1; done"
    agent.put({
      name: 'hooked',
      spec: {
        terminationGracePeriodSeconds: 10,
        volumes: [{ name: 'shared', hostPath: { path: shared, type: 'DirectoryOrCreate' } }],
        containers: [busybox('main', trap, { lifecycle, volumeMounts: [{ name: 'shared', mountPath: '/shared' }] })],
      },
    })
    await running('hooked')
    expect(readFileSync(`${shared}/post`, 'utf8')).toBe('post\n')
    agent.delete('hooked', 10)
    await gone('hooked')
    expect(readFileSync(`${shared}/end`, 'utf8')).toBe('pre\n')
    const ends = agent.history.flatMap(({ name, status }) =>
      name === 'hooked' ? [status.containerStatuses?.[0]?.state?.terminated?.exitCode] : [],
    )
    expect(ends.at(-1)).toBe(5)
  })

  it('says OOMKilled for a container that took more memory than its limit', async () => {
    const resources = { limits: { memory: '16Mi' } }
    agent.put({
      name: 'greedy',
      spec: { restartPolicy: 'Never', containers: [busybox('main', 'dd if=/dev/zero of=/dev/null bs=64M count=1', { resources })] },
    })
    await agent.until(() => agent.status('greedy')?.phase === 'Failed', 'killed')
    expect(main('greedy')?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
  })

  it('keeps a container to its user, its file system and its part of a volume', async () => {
    const script =
      'id -u; id -g; id -G; touch /x || echo read-only; echo mine > /data/file && cat /data/file; cat /etc/hosts | grep 1.2.3.4; hostname'
    const pod = agent.put({
      name: 'confined',
      spec: {
        restartPolicy: 'Never',
        securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000 },
        hostAliases: [{ ip: '1.2.3.4', hostnames: ['db'] }],
        hostname: 'box',
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [
          busybox('main', script, {
            securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          }),
        ],
      },
    })
    await agent.until(() => agent.status('confined')?.phase === 'Succeeded', 'done')
    expect((await logsOf(pod)).replace(/touch.*\n/, '')).toBe('1000\n2000\n2000 3000\nread-only\nmine\n1.2.3.4\tdb\nbox\n')
    agent.put({ name: 'rooted', spec: { securityContext: { runAsNonRoot: true }, containers: [busybox('main', 'true')] } })
    await agent.until(() => main('rooted')?.state?.waiting?.reason === 'CreateContainerConfigError', 'refused')
    expect(main('rooted')?.state?.waiting?.message).toContain('image will run as root')
  })

  it('runs a pod in the network of the host', async () => {
    agent.put({ name: 'hosted', spec: { hostNetwork: true, containers: [busybox('main', 'exec sleep 1000')] } })
    expect((await running('hosted')).podIP).toBe('192.0.2.1')
  })

  it('tells a command that cannot be started, and starts it again after its back-off', async () => {
    agent.put({ name: 'typo', spec: { containers: [{ ...busybox('main', ''), command: ['/bin/nothing'] }] } })
    const waiting = await agent.until(
      () => main('typo')?.state?.waiting?.reason === 'RunContainerError' && main('typo')?.state?.waiting,
      'run error',
    )
    expect(waiting.message).toContain('/bin/nothing')
    await agent.until(() => (main('typo')?.restartCount ?? 0) >= 1, 'second try')
    expect(main('typo')?.lastState?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' })
  })

  it('goes on after containerd was restarted, without touching what runs', async () => {
    agent.put({ name: 'steady', spec: { containers: [busybox('main', 'exec sleep 1000')] } })
    await running('steady')
    const before = main('steady')
    await node.restart()
    agent.put({ name: 'later', spec: { containers: [busybox('main', 'exec sleep 1000')] } })
    await running('later')
    expect(main('steady')).toEqual(before)
    const pod = agent.cache.list(pods).find(({ metadata }) => metadata.name === 'steady')
    const [container] = await node.cri.listContainers({ labels: { 'io.kubernetes.pod.uid': pod?.metadata.uid ?? '' } })
    await node.cri.stopContainer(container?.id ?? '', 0)
    await agent.until(() => main('steady')?.restartCount === 1 && main('steady')?.state?.running, 'restarted')
  })

  it('tells the platforms of its images', async () => {
    expect(await agent.kubelet.imagePlatforms()).toMatchObject({
      [busyboxImage]: [process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'],
    })
  })

  it('follows the address of its machine: pods say the new one, without a restart', async () => {
    agent.put({ name: 'inside', spec: { containers: [busybox('main', 'sleep 1000')] } })
    agent.put({ name: 'on-host', spec: { hostNetwork: true, containers: [busybox('main', 'sleep 1000')] } })
    const before = await running('inside')
    await running('on-host')
    agent.move('192.0.2.77')
    await agent.until(() => ['inside', 'on-host'].every((name) => agent.status(name)?.hostIP === '192.0.2.77'), 'the new address')
    expect(agent.status('on-host')).toMatchObject({ podIP: '192.0.2.77', podIPs: [{ ip: '192.0.2.77' }], hostIPs: [{ ip: '192.0.2.77' }] })
    expect(agent.status('inside')).toMatchObject({ podIP: before.podIP, containerStatuses: [{ restartCount: 0, ready: true }] })
    agent.move('192.0.2.1')
  })

  it('tells what containers use', async () => {
    const pod = agent.put({ name: 'used', spec: { containers: [busybox('main', 'exec sleep 1000')] } })
    await running('used')
    const stats = (await agent.kubelet.podStats()).find(({ uid }) => uid === pod.metadata.uid)
    expect(stats).toMatchObject({ name: 'used', namespace: 'default', containers: [{ name: 'main', memoryBytes: expect.any(Number) }] })
  })
})
