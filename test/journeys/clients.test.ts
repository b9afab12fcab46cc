import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeChart } from '../clients/charts.ts'
import { type Client, helmAges, kubectlAges, runClient } from '../harness/clients.ts'
import { startTestCluster, type TestCluster } from '../harness/cluster.ts'

/** As `wget HOST:PORT`, but a static busybox cannot look up names in its wget: by the variables of the Service. */
const asking = JSON.stringify(['sh', '-c', 'wget -O - "$WEB_SERVICE_HOST:${0#*:}"'])

describe('real clients where pods run', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 1 })
    await cluster.importImage('http-1.tar')
  })
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  const run = (client: Client, words: readonly string[]) => {
    const own = (name: string) => join(cluster.home, `${client}-${name}`)
    const env = { KUBECONFIG: cluster.layout.kubeconfig, KUBECACHEDIR: own('kube'), HELM_CACHE_HOME: own('cache') }
    return runClient(client, words, { env: { ...env, HELM_CONFIG_HOME: own('config'), HELM_DATA_HOME: own('data') }, timeoutMs: 150_000 })
  }
  const must = async (client: Client, ...words: string[]) => {
    const { code, out, err } = await run(client, words)
    if (code !== 0) throw new Error(`${client} ${words.join(' ')}: ${err}${out}\n${cluster.logs()}`)
    return out
  }

  describe.each(kubectlAges)('kubectl %s', (age) => {
    const kubectl = (...words: string[]) => must(`kubectl-${age}`, '-n', 'default', ...words)
    const name = `says-${age.replace('.', '-')}`

    it('runs a pod, reads its logs and sees it end', async () => {
      const image = ['--image=http:1', '--image-pull-policy=IfNotPresent', '--restart=Never', '--labels', `app=${name}`]
      await kubectl('run', name, ...image, '--', 'sh', '-c', 'echo one; echo two; exit 3')
      await kubectl('wait', '--for=jsonpath={.status.phase}=Failed', `pod/${name}`, '--timeout=90s')
      expect(await kubectl('logs', name)).toBe('one\ntwo\n')
      expect(await kubectl('logs', '-f', `pod/${name}`, '--tail=1')).toBe('two\n')
      expect(await kubectl('logs', '-l', `app=${name}`, '--prefix', '--tail=-1')).toBe(
        `[pod/${name}/${name}] one\n[pod/${name}/${name}] two\n`,
      )
      expect(await kubectl('get', 'pod', name, '--no-headers')).toMatch(new RegExp(`^${name} +0/1 +Error +0 +`))
      expect(await kubectl('describe', 'pod', name)).toMatch(/Exit Code: +3\n/)
      expect(await run(`kubectl-${age}`, ['logs', name, '--previous'])).toMatchObject({
        code: 1,
        err: expect.stringContaining(`previous terminated container "${name}" in pod "${name}" not found`) as string,
      })
      await kubectl('delete', 'pod', name)
    })
  })

  describe.each(helmAges)('helm %s', (age) => {
    const space = `helm-${age}`
    const helm = (...words: string[]) => must(`helm-${age}`, '-n', space, ...words)
    const tryHelm = (...words: string[]) => run(`helm-${age}`, ['-n', space, ...words])
    const kubectl = (...words: string[]) => must('kubectl-1.35', '-n', space, ...words)
    const wait = ['--wait', '--timeout', '90s']
    const undoing = age === '3' ? '--atomic' : '--rollback-on-failure'
    const revisions = async (release: string) => {
      const all = JSON.parse(await helm('history', release, '-o', 'json')) as { revision: number; status: string; description: string }[]
      return all.map(({ revision, status, description }) => `${revision} ${status} ${description}`)
    }

    it('installs, tests, upgrades, rolls back and uninstalls the chart that it makes', async () => {
      const folder = join(cluster.home, `made-${age}`)
      mkdirSync(folder)
      await must(`helm-${age}`, 'create', join(folder, 'web'))
      const chart = join(folder, 'web')
      const test = join(chart, 'templates/tests/test-connection.yaml')
      writeFileSync(
        test,
        readFileSync(test, 'utf8').replace('image: busybox', 'image: http:1').replace("command: ['wget']", `command: ${asking}`),
      )
      const image = ['--set', 'image.repository=docker.io/library/http,image.tag=1']
      expect(await helm('lint', chart)).toContain('0 chart(s) failed')
      const installed = await helm('install', 'web', chart, '--create-namespace', ...image, ...wait)
      expect(installed).toMatch(/STATUS: deployed\n/)
      const tested = await tryHelm('test', 'web', '--logs', '--timeout', '90s')
      expect(tested, await kubectl('logs', 'web-test-connection')).toMatchObject({ code: 0 })
      expect(`${tested.out}${tested.err}`).toMatch(/Phase: +Succeeded\n/)
      await helm('upgrade', 'web', chart, ...image, '--set', 'replicaCount=2,ingress.enabled=true,service.type=NodePort', ...wait)
      expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}')).toBe('2')
      expect(await kubectl('get', 'service,ingress', '-o', 'name')).toBe('service/web\ningress.networking.k8s.io/web\n')
      await helm('upgrade', 'web', chart, ...image, '--set', 'autoscaling.enabled=true', ...wait)
      expect(await kubectl('get', 'hpa,ingress', '-o', 'name')).toBe('horizontalpodautoscaler.autoscaling/web\n')
      await helm('rollback', 'web', '1', ...wait)
      expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}')).toBe('1')
      expect(await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.type}{.spec.ports[0].nodePort}')).toBe('ClusterIP')
      expect(await revisions('web')).toEqual([
        expect.stringMatching(/^1 superseded Install complete/),
        '2 superseded Upgrade complete',
        '3 superseded Upgrade complete',
        '4 deployed Rollback to 1',
      ])
      expect(await helm('list', '-q')).toBe('web\n')
      await helm('uninstall', 'web', '--wait')
      expect(await kubectl('get', 'deployments,services,hpa,ingress,secrets,serviceaccounts', '-o', 'name')).toBe(
        'serviceaccount/default\n',
      )
    })

    it('keeps the order of hooks, brings definitions and dependencies, looks up, and undoes what fails', async () => {
      const chart = join(cluster.home, `whole-${age}`)
      writeChart(chart, `Gizmo${age}`)
      await kubectl('create', 'configmap', 'seen', '--from-literal=k=found')
      expect(await helm('install', 'all', chart, ...wait)).toContain('size is 1')
      const pod = async (name: string) =>
        JSON.parse(await kubectl('get', 'pod', `all-${name}`, '-o', 'json')) as {
          metadata: { creationTimestamp: string }
          status: { containerStatuses: { state: { terminated: { finishedAt: string } } }[] }
        }
      const [first, second] = [await pod('first'), await pod('second')]
      const firstEnded = first.status.containerStatuses[0]?.state.terminated.finishedAt ?? ''
      expect(Date.parse(firstEnded)).toBeLessThanOrEqual(Date.parse(second.metadata.creationTimestamp))
      expect((await run('kubectl-1.35', ['-n', space, 'get', 'pod', 'all-gone'])).err).toContain('pods "all-gone" not found')
      const settings = async () => JSON.parse(await kubectl('get', 'configmap', 'all-settings', '-o', 'jsonpath={.data}')) as object
      expect(await settings()).toEqual({ size: '1', seen: 'found', namespaces: 'several', api: 'true 1' })
      expect(await kubectl('get', 'configmap', 'all-part', '-o', 'jsonpath={.data.text}')).toBe('from-parent')
      const size = () => kubectl('get', `gizmo${age}s`, 'all', '-o', 'jsonpath={.spec.size}')
      expect(await size()).toBe('1')

      const failed = await tryHelm('upgrade', 'all', chart, '--set', 'size=9,fails=true', undoing, '--timeout', '90s')
      expect(failed).toMatchObject({ code: 1, err: expect.stringMatching(/pre-upgrade hooks failed/) as string })
      expect(await size()).toBe('1')
      expect((await revisions('all')).at(-1)).toBe('3 deployed Rollback to 1')

      await helm('upgrade', 'all', chart, '--set', 'size=2,part.enabled=false', ...wait)
      expect(await size()).toBe('2')
      expect((await run('kubectl-1.35', ['-n', space, 'get', 'configmap', 'all-part'])).err).toContain('configmaps "all-part" not found')
      const refused = await tryHelm('upgrade', 'all', chart, '--set', 'size=many')
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('spec.size') as string })
      expect(await helm('uninstall', 'all', '--wait')).toContain('release "all" uninstalled')
      expect(await kubectl('get', `gizmo${age}s,configmaps`, '-o', 'name')).toBe('configmap/kube-root-ca.crt\nconfigmap/seen\n')
      expect((await pod('farewell')).metadata.creationTimestamp).not.toBe('')
      // Helm leaves definitions, and the hub follows the kind of each.
      await kubectl('delete', 'crd', `gizmo${age}s.example.com`)
    })
  })
})
