import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../harness/cluster.ts'
import { startTestHub, type TestHub } from '../harness/hub.ts'

type Beacon = { readonly metadata: { readonly generation: number; readonly resourceVersion: string }; readonly status?: Status }
type Status = { readonly observedGeneration: number; readonly by: string; readonly conditions: readonly { readonly type: string }[] }

const program = new URL('./operator/operator.mjs', import.meta.url).pathname

describe('an operator written with the official JavaScript client', () => {
  let hub: TestHub
  const operators = new Map<string, ChildProcess>()
  const said: string[] = []
  const startOperator = (identity: string) => {
    const child = spawn(process.execPath, [program, identity], { env: { ...process.env, KUBECONFIG: hub.kubeconfig } })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)))
    operators.set(identity, child)
  }
  const kill = async (identity: string) => {
    const child = operators.get(identity)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }
  beforeAll(async () => {
    hub = await startTestHub()
    startOperator('a')
    await soon('its kind', () => hub.kubectl(['wait', '--for=condition=Established', 'crd/beacons.ops.example.com']))
  }, 90_000)
  afterAll(async () => {
    for (const identity of operators.keys()) await kill(identity)
    await hub?.[Symbol.asyncDispose]()
  }, 60_000)

  /** What the operators said stands beside what did not come true. */
  const soon = <T>(what: string, attempt: () => Promise<T | undefined | false>) =>
    eventually(what, attempt).catch((error: Error) => {
      throw new Error(`${error.message}\n${said.slice(-20).join('')}`)
    })
  const beacon = (name: string, text: string) =>
    JSON.stringify({ apiVersion: 'ops.example.com/v1', kind: 'Beacon', metadata: { name }, spec: { text } })
  const seen = async (name: string) => JSON.parse(await hub.kubectl(['get', 'beacon', name, '-o', 'json'])) as Beacon
  const shown = (name: string, text: string) =>
    soon(`${name} to show ${text}`, async () => {
      const { metadata, status } = await seen(name)
      const found = await hub.kubectl(['get', 'configmap', `${name}-beacon`, '-o', 'jsonpath={.data.text}'])
      return found === text && status?.observedGeneration === metadata.generation && status
    })
  const holder = () => hub.kubectl(['get', 'lease', 'beacon-operator', '-o', 'jsonpath={.spec.holderIdentity}'])

  it('follows its objects, tells their status and takes its finalizer off', async () => {
    await hub.kubectl(['apply', '-f', '-'], beacon('one', 'first'))
    expect(await shown('one', 'first')).toMatchObject({ by: 'a', conditions: [{ type: 'Ready' }] })
    await hub.kubectl(['apply', '-f', '-'], beacon('one', 'second'))
    await shown('one', 'second')
    await hub.kubectl(['delete', 'beacon', 'one', '--timeout=60s'])
    expect(await hub.kubectl(['get', 'configmap', 'ledger', '-o', 'jsonpath={.data}'])).toBe('{"one":"gone"}')
    await soon(
      'the end of what it owned',
      async () =>
        (await hub.kubectl(['get', 'configmaps', '-o', 'name', '--field-selector', 'metadata.name!=kube-root-ca.crt'])) ===
        'configmap/ledger\n',
    )
  })

  it('goes on when another leads, and when the hub has been away', async () => {
    await hub.kubectl(['apply', '-f', '-'], beacon('two', 'before'))
    startOperator('b')
    await shown('two', 'before')
    expect(await holder()).toBe('a')
    await kill('a')
    await soon('the other to lead', async () => (await holder()) === 'b')
    await hub.kubectl(['apply', '-f', '-'], beacon('two', 'led by another'))
    expect(await shown('two', 'led by another')).toMatchObject({ by: 'b' })
    await hub.restart()
    await hub.kubectl(['apply', '-f', '-'], beacon('two', 'after a restart'))
    expect(await shown('two', 'after a restart')).toMatchObject({ by: 'b' })
  })

  it('goes on when what it followed from has been forgotten', async () => {
    await hub.kubectl(['apply', '-f', '-'], beacon('three', 'before'))
    await shown('three', 'before')
    const { resourceVersion } = (await seen('three')).metadata
    operators.get('b')?.kill('SIGSTOP')
    await hub.kubectl(['apply', '-f', '-'], beacon('three', 'while it stood still'))
    const watch = `/apis/ops.example.com/v1/beacons?watch=true&timeoutSeconds=1&resourceVersion=${resourceVersion}`
    // Each is a share of what the hub remembers of all that has been.
    for (let round = 0; round < 40; round++) await hub.kubectl(['replace', '-f', '-'], beacon('two', `${round}`.padEnd(700_000, '.')))
    await soon('the hub to have forgotten', async () => {
      const { out, err } = await hub.run('kubectl-1.35', ['get', '--raw', watch])
      return `${out}${err}`.includes('too old resource version')
    })
    await hub.kubectl(['delete', 'beacon', 'two', '--wait=false'])
    operators.get('b')?.kill('SIGCONT')
    await shown('three', 'while it stood still')
    await soon(
      'the end of what was deleted',
      async () => (await hub.kubectl(['get', 'beacons', '-o', 'name'])) === 'beacon.ops.example.com/three\n',
    )
    expect(operators.get('b')?.exitCode).toBe(null)
  })
})
