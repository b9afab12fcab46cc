import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startTestCluster, type TestCluster } from '../harness/cluster.ts'
import type { PodStatus } from '../harness/web.ts'

describe('what people do with pods all day', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    // All at once, so that they go through their lives side by side while the tests read.
    await cluster.apply(everything)
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const statusOf = async (pod: string) => (await cluster.json<{ status: PodStatus & { reason?: string } }>('get', 'pod', pod)).status
  const ended = (pod: string) =>
    eventually(`the end of ${pod}`, async () => {
      const status = await statusOf(pod)
      return (status.phase === 'Succeeded' || status.phase === 'Failed') && status
    })
  const printed = async (pod: string) => {
    const [, name, ready, status, restarts] =
      /^(\S+)\s+(\S+)\s+(\S+)\s+(\d+)/.exec(await cluster.kubectl('get', 'pod', pod, '--no-headers')) ?? []
    return { name, ready, status, restarts: Number(restarts) }
  }
  const eventsOf = async (pod: string) =>
    (await cluster.json<{ items: Told[] }>('get', 'events', '--field-selector', `involvedObject.name=${pod}`)).items

  it('a pod reads its settings from variables and from files', async () => {
    expect((await ended('settings')).phase).toBe('Succeeded')
    const lines = (await cluster.kubectl('logs', 'settings')).trim().split('\n')
    expect(lines).toEqual(['A=one B=hunter2 C_b=two', 'me settings default', 'cpu 1 memory 32', 'one', 'hunter2', 'app="settings"', 'two'])
  })

  it('logs take every option', async () => {
    await ended('settings')
    expect(await cluster.kubectl('logs', 'settings', '--tail=1')).toBe('two\n')
    expect(await cluster.kubectl('logs', 'settings', '--limit-bytes=5')).toBe('A=one')
    expect(await cluster.kubectl('logs', 'settings', '--tail=1', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z two\n$/)
    expect(await cluster.kubectl('logs', 'settings', '--since-time=2100-01-01T00:00:00Z')).toBe('')
    expect(await cluster.kubectl('logs', '-l', 'app=settings', '--prefix', '--tail=1')).toBe('[pod/settings/main] two\n')
    expect(await cluster.kubectl('logs', 'family', '-c', 'first')).toBe('first\n')
    expect(await cluster.tryKubectl('logs', 'settings', '-p')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('previous terminated container "main" in pod "settings" not found') as string,
    })
    expect((await cluster.tryKubectl('logs', 'missing-config')).stderr).toContain('is waiting to start: CreateContainerConfigError')
  })

  it('init containers come before, sidecars beside', async () => {
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/family', '--timeout=90s')
    expect(await printed('family')).toMatchObject({ ready: '2/2', status: 'Running', restarts: 0 })
  })

  it('too much memory is OOMKilled with exit code 137', async () => {
    const { containerStatuses } = await ended('greedy')
    expect(containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
    expect(await printed('greedy')).toMatchObject({ status: 'OOMKilled' })
  })

  it('a crash loop keeps the exit code, its last words, and one event with a count', async () => {
    const status = await eventually('the back-off', async () => {
      const status = await statusOf('crashing')
      return status.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff' && status
    })
    expect(status.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 7, reason: 'Error', message: 'why\n' })
    const started = await eventually('the second start', async () => {
      const started = (await eventsOf('crashing')).filter(({ reason }) => reason === 'Started')
      return started.some(({ count }) => count > 1) && started
    })
    expect(started).toHaveLength(1)
    expect(started[0]?.involvedObject.fieldPath).toBe('spec.containers{main}')
    expect(await cluster.kubectl('logs', 'crashing', '-p')).toBe('dying\n')
  })

  it('a command that does not exist ends in a crash loop too, with the words of the runtime', async () => {
    await eventually('the back-off', async () => (await printed('no-such-command')).status === 'CrashLoopBackOff')
    expect((await statusOf('no-such-command')).containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
    })
    expect(await cluster.kubectl('describe', 'pod', 'no-such-command')).toMatch(/Failed .*Error: .*exec: "\/nope"/)
  })

  it('a pod that is out of time has failed with DeadlineExceeded', async () => {
    expect(await ended('late')).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
    await eventually('the event', async () => (await eventsOf('late')).some(({ reason }) => reason === 'DeadlineExceeded'))
  })

  it('events of a pod are listed in the order in which they happened', async () => {
    await ended('settings')
    const reasons = await eventually('all events', async () => {
      const [, table = ''] = (await cluster.kubectl('describe', 'pod', 'settings')).split('----    ------')
      const reasons = [...table.matchAll(/^ {2}Normal +(\w+)/gm)].map(([, reason]) => reason)
      return reasons.length >= 4 && reasons
    })
    expect(reasons).toEqual(['Scheduled', 'Pulled', 'Created', 'Started'])
  })

  it('a ConfigMap that changes reaches the pod, and a pod that waits for one goes on', async () => {
    await cluster.kubectl('create', 'configmap', 'late-settings', '--from-literal=a=now')
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/missing-config', '--timeout=90s')
    await cluster.kubectl('patch', 'configmap', 'late-settings', '--type=json', '-p', '[{"op":"replace","path":"/data/a","value":"then"}]')
    await eventually('the new value', async () => (await cluster.kubectl('logs', 'missing-config', '--tail=3')).includes('then'))
  })

  it('a failing readiness probe takes the pod out of its Service, and back', async () => {
    const ready = async () =>
      (
        await cluster.kubectl('get', 'endpointslices', '-l', 'kubernetes.io/service-name=moody', '-o', 'jsonpath={..conditions.ready}')
      ).trim()
    await eventually('in', async () => (await ready()) === 'true')
    await cluster.kubectl('patch', 'configmap', 'mood', '-p', '{"data":{"good":"no"}}')
    await eventually('out', async () => (await ready()) === 'false')
    await cluster.kubectl('patch', 'configmap', 'mood', '-p', '{"data":{"good":"yes"}}')
    await eventually('in again', async () => (await ready()) === 'true')
    expect(await printed('moody')).toMatchObject({ restarts: 0 })
  })

  it('preStop runs before the container is asked to stop', async () => {
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/polite', '--timeout=90s')
    const log = cluster.spawnKubectl('logs', '-f', 'polite')
    const lines: string[] = []
    log.stdout?.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')))
    const closed = new Promise((resolve) => log.on('close', resolve))
    await eventually('the first line', async () => lines.includes('up'))
    await cluster.kubectl('delete', 'pod', 'polite')
    await closed
    expect(lines).toEqual(['up', 'hook', 'term'])
  })

  it('a Service keeps a client at one pod with session affinity, and one without a selector goes where its slice says', async () => {
    await cluster.kubectl('rollout', 'status', 'deployment/echo', '--timeout=90s')
    const ipOf = (service: string) => cluster.kubectl('get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}')
    const ask = async (service: string) =>
      (await cluster.onNode(0, 'curl', '-sS', '-m', '3', `http://${await ipOf(service)}/`)).stdout.trim()
    const many = async (service: string) => {
      const answers: string[] = []
      for (let i = 0; i < 12; i += 1) answers.push(await ask(service))
      return new Set(answers)
    }
    await eventually('both pods', async () => (await many('echo')).size === 2)
    const [only, ...others] = await many('sticky')
    expect(only).toMatch(/^echo-/)
    expect(others).toEqual([])
    const ip = await cluster.kubectl('get', 'pods', '-l', 'app=echo', '-o', 'jsonpath={.items[0].status.podIP}')
    await cluster.apply(sliceTo(ip))
    await eventually('the answer of the slice', async () => (await ask('by-hand')).startsWith('echo-'))
  })

  it('all kinds of patch, a dry run, and a second apply that changes nothing', async () => {
    const image = () => cluster.kubectl('get', 'deployment', 'echo', '-o', 'jsonpath={.spec.template.spec.containers[*].env[*].name}')
    const strategic = '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"1"}]}]}}}}'
    await cluster.kubectl('patch', 'deployment', 'echo', '-p', strategic, '--dry-run=server')
    expect(await image()).toBe('')
    await cluster.kubectl('patch', 'deployment', 'echo', '-p', strategic)
    expect(await image()).toBe('A')
    await cluster.kubectl('patch', 'deployment', 'echo', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":1}}')
    expect((await cluster.kubectl('get', 'deployment', 'echo', '--subresource=scale')).split('\n')[1]).toMatch(/^echo +1 /)
    expect(await cluster.apply(everything)).toContain('deployment.apps/echo configured')
    const told = (await cluster.apply(everything)).split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged'))
    // Of a pod with volumes kubectl sends their order, for the hub has added one, and calls that a change, as everywhere.
    const pods = told.map((line) => /^pod\/(\S+) configured$/.exec(line)?.[1] ?? line)
    expect(pods).toEqual(['settings', 'missing-config', 'moody'])
    expect(await cluster.kubectl('get', 'pods', ...pods, '-o', 'jsonpath={.items[*].metadata.generation}')).toBe('1 1 1')
  })

  it('what is owned goes with its owner, stays as an orphan, or goes first', async () => {
    const pods = () => cluster.kubectl('get', 'pods', '-l', 'app=echo', '-o', 'name')
    await cluster.kubectl('delete', 'deployment', 'echo', '--cascade=orphan')
    const sets = (await cluster.kubectl('get', 'replicasets', '-l', 'app=echo', '-o', 'name')).trim().split('\n')
    expect(sets.length).toBeGreaterThan(0)
    expect(await pods()).not.toBe('')
    await cluster.kubectl('delete', ...sets, '--cascade=foreground')
    expect(await pods()).toBe('')
  })

  it('a namespace goes with everything in it, and nobody complains', async () => {
    await cluster.kubectl('create', 'namespace', 'short')
    await cluster.apply(
      everything.replaceAll('metadata: {', 'metadata: {namespace: short, ').replaceAll(/labels: \{namespace: short, /g, 'labels: {'),
    )
    await cluster.kubectl('delete', 'namespace', 'short', '--timeout=90s')
    expect(await cluster.kubectl('get', 'pods,services,endpointslices,configmaps', '-n', 'short')).toBe('')
    expect(cluster.logs()).not.toContain('reconcile failed')
  })
})

type Told = { readonly reason: string; readonly count: number; readonly involvedObject: { readonly fieldPath?: string } }

const pod = (name: string, spec: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {terminationGracePeriodSeconds: 1, ${spec}}
`
const once = (name: string, script: string, more = '') =>
  pod(name, `restartPolicy: Never, containers: [{name: main, image: "busybox:1", command: [sh, -c, ${JSON.stringify(script)}]${more}}]`)
const service = (name: string, spec: string) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: 80, targetPort: 8080}], ${spec}}
`
const sliceTo = (ip: string) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: by-hand-1, labels: {kubernetes.io/service-name: by-hand}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: ["${ip}"]}]
`

const everything = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: one, b: two}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mood}
data: {good: "yes"}
---
apiVersion: v1
kind: Secret
metadata: {name: settings}
data: {pw: aHVudGVyMg==}
${once(
  'settings',
  'echo A=$A B=$B C_b=$C_b; echo me $NAME $NS; echo cpu $CPU memory $MEM; cat /all/a; echo; cat /all/pw; echo; cat /all/labels; echo; cat /one.txt; echo',
  `, resources: {limits: {cpu: 500m, memory: 32Mi}},
    env: [
      {name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}},
      {name: B, valueFrom: {secretKeyRef: {name: settings, key: pw}}},
      {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}},
      {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}},
      {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}},
      {name: MEM, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}},
      {name: GONE, valueFrom: {configMapKeyRef: {name: none, key: a, optional: true}}}],
    envFrom: [{configMapRef: {name: settings}, prefix: C_}],
    volumeMounts: [{name: all, mountPath: /all}, {name: settings, mountPath: /one.txt, subPath: b}]`,
).replace(
  'containers:',
  `volumes: [
    {name: settings, configMap: {name: settings}},
    {name: all, projected: {sources: [{configMap: {name: settings, items: [{key: a, path: a}]}}, {secret: {name: settings}},
      {downwardAPI: {items: [{path: labels, fieldRef: {apiVersion: v1, fieldPath: metadata.labels}}]}}]}}], containers:`,
)}
${pod(
  'family',
  `initContainers: [
    {name: first, image: "busybox:1", command: [echo, first]},
    {name: side, image: "busybox:1", restartPolicy: Always, command: [sleep, "100000"]}],
  containers: [{name: main, image: "busybox:1", command: [sleep, "100000"]}]`,
)}
${once('greedy', 'head -c 100m /dev/zero | tail', ', resources: {limits: {memory: 20Mi}}')}
${pod('crashing', 'containers: [{name: main, image: "busybox:1", command: [sh, -c, "echo dying; echo why > /dev/termination-log; exit 7"]}]')}
${pod('no-such-command', 'containers: [{name: main, image: "busybox:1", command: [/nope]}]')}
${once('late', 'sleep 1000').replace('restartPolicy', 'activeDeadlineSeconds: 2, restartPolicy')}
${pod(
  'missing-config',
  `volumes: [{name: v, configMap: {name: late-settings, optional: true}}],
  containers: [{name: main, image: "busybox:1", command: [sh, -c, "while true; do cat /v/a; echo; sleep 0.2; done"],
    volumeMounts: [{name: v, mountPath: /v}], env: [{name: A, valueFrom: {configMapKeyRef: {name: late-settings, key: a}}}]}]`,
)}
${pod(
  'moody',
  `volumes: [{name: mood, configMap: {name: mood}}],
  containers: [{name: main, image: "busybox:1", command: [sleep, "100000"], volumeMounts: [{name: mood, mountPath: /mood}],
    readinessProbe: {exec: {command: [grep, -q, "yes", /mood/good]}, periodSeconds: 1, failureThreshold: 1}}]`,
)}
${service('moody', 'selector: {app: moody}')}
${pod(
  'polite',
  `containers: [{name: main, image: "busybox:1",
    command: [sh, -c, "trap 'echo term; exit 0' TERM; echo up; while true; do sleep 0.1; done"],
    lifecycle: {preStop: {exec: {command: [sh, -c, "echo hook > /proc/1/fd/1"]}}}}]`,
).replace('Seconds: 1', 'Seconds: 10')}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: echo}
spec:
  replicas: 2
  selector: {matchLabels: {app: echo}}
  template:
    metadata: {labels: {app: echo}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: main, image: "busybox:1", command: [sh, -c, "hostname > /www/index.html; exec httpd -f -p 8080 -h /www"]}]
${service('echo', 'selector: {app: echo}')}
${service('sticky', 'selector: {app: echo}, sessionAffinity: ClientIP')}
${service('by-hand', '')}
`
