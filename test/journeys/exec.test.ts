import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlAges, runClient } from '../harness/clients.ts'
import { startTestCluster, type TestCluster } from '../harness/cluster.ts'

describe('commands in containers, from a real kubectl to a real containerd', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('busybox-1.tar')
    await cluster.apply(pod)
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=90s')
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  describe.each(kubectlAges)('kubectl %s', (age) => {
    const kubectl = (args: readonly string[], stdin?: string) =>
      runClient(`kubectl-${age}`, args, {
        env: { KUBECONFIG: cluster.layout.kubeconfig },
        ...(stdin !== undefined && { stdin }),
        timeoutMs: 20_000,
      })

    it('exec prints what the command prints, each where it belongs, and exits as it does', async () => {
      expect(await kubectl(['exec', 'box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
        code: 7,
        out: 'out\n',
        err: 'err\ncommand terminated with exit code 7\n',
      })
    })

    it('exec -i ends when what it reads does', async () => {
      expect(await kubectl(['exec', '-i', 'box', '--', 'cat'], 'hello\nthere\n')).toEqual({ code: 0, out: 'hello\nthere\n', err: '' })
    })
  })
})

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: box }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: docker.io/library/busybox:1
      command: [sh, -c, 'sleep 100000']
`
