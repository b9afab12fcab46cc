import { setPriority } from 'node:os'
import { discover } from '@bramble/shared/discover.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { enroll } from '@bramble/edge-agent/link/identity/enroll.ts'
import { apiOf } from '../bench/api-load.ts'
import { memoryMiB } from '../bench/process.ts'
import { rawNodeAs } from '../conformance/mqtt/raw-client.ts'
import { startTestCluster } from '../harness/cluster.ts'
import { isAttack, type Victim } from './attack.ts'
import { honestJoin, join, joinWord } from './joiner.ts'
import { agentOf, ask, lookOn, lookOnWord, watching } from './watcher.ts'

if (process.argv[2] === lookOnWord) {
  await lookOn()
  process.exit(0)
}

if (process.argv[2] === joinWord) {
  await join()
  process.exit(0)
}

const askOf = (method: string, path: string, body?: unknown, contentType?: string) => ({
  method,
  path,
  ...(body !== undefined && { body: JSON.stringify(body) }),
  ...(contentType !== undefined && { contentType }),
})

// Two nodes of the cluster's own go on with their work; every attack is made by machines that joined beside them.
const attacks = discover(import.meta.glob('./attacks/*.ts', { eager: true }), isAttack)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !attacks.some((attack) => attack.name === name))
if (unknown.length > 0) {
  console.error(`no attack is called ${unknown.join(', ')}; there are ${attacks.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
// So that what the attack left behind is collected, or seen to stay.
const restMs = 5000

/** Answers how many of them the hub or an agent of the cluster's own did not outlive, or could not be made; by then the cluster is gone. */
async function attackAll(): Promise<number> {
  await using cluster = await startTestCluster({ nodes: 2 })
  const admin = apiOf(cluster)
  const signal = new AbortController().signal
  // Attackers have machines of their own: what they compute is not to be waited for by the hub.
  setPriority(10)
  const agent = agentOf(admin)
  const hubUrl = `mqtts://127.0.0.1:${cluster.mqttPort}`
  const victim: Victim = {
    cluster,
    admin,
    pause,
    ask: (method, path, body, contentType) => ask(agent, admin.port, askOf(method, path, body, contentType)),
    async askAs({ key, certificate, ca }, method, path, body, contentType) {
      const own = agentOf({ ca: Buffer.from(ca), cert: Buffer.from(certificate), key: Buffer.from(key) })
      try {
        return await ask(own, admin.port, askOf(method, path, body, contentType))
      } finally {
        own.destroy()
      }
    },
    token: async () => (await cluster.bramble('token', 'create', '--home', cluster.home)).trim(),
    join: (token, node) => honestJoin({ hubUrl, token, node }),
    enroll: async (node, token) =>
      enroll({ hubUrl, token: token ?? (await victim.token()), node, clock: systemClock, log: silentLog }, signal),
    async node(name, identity) {
      const own = identity ?? (await victim.enroll(name))
      return rawNodeAs({ ca: { caPem: own.ca }, port: cluster.mqttPort }, name, own)
    },
  }

  const head = ['attack', 'hub', 'RSS before', 'most', 'after', 'p99 GET', 'slowest', 'failed', 'oldest lease', 'seen']
  const rows: string[][] = []
  let [ended, failed] = [0, 0]
  for (const { name, run } of wanted.length === 0 ? attacks : wanted.flatMap((name) => attacks.filter((attack) => attack.name === name))) {
    console.log(`${name} …`)
    const pid = cluster.pidOf('hub')
    const agents = new Map(cluster.nodes.map((node) => [node, cluster.pidOf(node)]))
    let outcome = ''
    const seen = await watching(cluster, admin, async () => {
      outcome = await run(victim).catch((error: unknown) => {
        failed += 1
        return `broke off: ${String(error)}`
      })
      await pause(restMs)
    })
    const runs = (process: string, was: number) => {
      try {
        return cluster.pidOf(process) === was
      } catch {
        return false // not any more
      }
    }
    const same = runs('hub', pid)
    if (!same || ![...agents].every(([node, was]) => runs(node, was))) {
      ended += 1
      await cluster.heal()
    }
    const mib = (value: number) => `${value.toFixed(0)} MiB`
    rows.push([
      name,
      same ? 'same' : 'ENDED',
      mib(seen.rssBefore),
      mib(seen.rssMost),
      same ? mib(memoryMiB(pid).rss) : '',
      `${seen.p99Ms.toFixed(0)} ms`,
      `${seen.slowestMs.toFixed(0)} ms`,
      String(seen.failed),
      `${seen.oldestLease.toFixed(0)} s`,
      outcome,
    ])
    console.log(rows.at(-1)?.join('  '))
  }
  agent.destroy()
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  for (const row of [head, ...rows]) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return ended + failed
}

process.exit((await attackAll()) === 0 ? 0 : 1)
