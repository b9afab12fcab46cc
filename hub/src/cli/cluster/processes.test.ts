import { expect, test } from 'vitest'
import type { Cluster } from './cluster-file.ts'
import { layoutOf } from './layout.ts'
import { agentDaemon, agentReset, hubDaemon } from './processes.ts'

const layout = layoutOf('/tmp/home')
const networks = { httpsPort: 6443, mqttPort: 8883, clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' }
const board: Cluster = { ...networks, nodes: ['pi'] }
const lab: Cluster = { ...networks, nodes: ['node-1', 'node-2'], lab: '10.201.0' }

test.each([
  ['a board', board, 'pi'],
  ['a node of a lab', lab, 'node-2'],
])('a join token is never in a command line, which everybody can read: the agent of %s', (_what, cluster, name) => {
  const { args, env } = agentDaemon(layout, cluster, name, 'abcdef.secret')
  expect(args.join(' ')).not.toContain('secret')
  expect(env).toEqual({ BRAMBLE_AGENT_TOKEN: 'abcdef.secret' })
  expect(agentDaemon(layout, cluster, name).env).toBeUndefined()
})

test('the nodes of a lab share the machine and nothing of their own: no folder, no name in control groups, no network', () => {
  const [one, other] = lab.nodes.map((name) => agentDaemon(layout, lab, name))
  for (const flag of ['--dir', '--run-dir', '--instance']) {
    const of = (daemon: typeof one) => daemon?.args[daemon.args.indexOf(flag) + 1]
    expect(of(one)).not.toBe(of(other))
  }
  expect(one?.args[0]).toContain('/run/netns/')
  expect(one?.args[0]).not.toBe(other?.args[0])
  expect(one?.args).toContain('mqtts://10.201.0.1:8883')
  expect(hubDaemon(layout, lab).args.join(' ')).toContain('--address 10.201.0.1')
  expect(hubDaemon(layout, board).args).not.toContain('--address')
})

test('a node is taken down by the names with which it was started', () => {
  const { args } = agentDaemon(layout, lab, 'node-2')
  const places = (all: readonly string[]) => all.slice(all.indexOf('--node'))
  expect(places(agentReset(layout, lab, 'node-2').args)).toEqual(places(args))
})

test('two clusters on one machine share no folder, no bridge and no table, and one home is one cluster however it is written', () => {
  const [one, other] = [layoutOf('/tmp/one'), layoutOf('/tmp/other')]
  for (const key of ['instance', 'run', 'labBridge', 'labTable', 'hubDir'] as const) expect(one[key]).not.toBe(other[key])
  expect(layoutOf('/tmp/other/../one/').instance).toBe(one.instance)
  expect(`${one.labBridge}`.length).toBeLessThanOrEqual(15) // as the kernel has it
})
