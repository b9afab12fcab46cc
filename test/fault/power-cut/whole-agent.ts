import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSqliteCache } from '../../../edge-agent/src/cache/sqlite-cache.ts'
import { exec, execOk } from '../../../edge-agent/src/host/exec.ts'
import { pods } from '../../../edge-agent/src/resources.ts'
import { createJoinToken } from '../../../hub/src/client/join-token.ts'
import { systemClock as clock } from '../../../shared/src/clock.ts'
import { leases } from '../../../shared/src/kinds/lease.ts'
import type { Pod } from '../../../shared/src/kinds/pod.ts'
import { createLog } from '../../../shared/src/logging/log.ts'
import { diaryIn, type Expected, rolling } from './diary.ts'
import { startProgram, whenReady } from './processes.ts'
import type { Product } from './product.ts'
import { type Operation, readRecording } from './recording.ts'
import { startHubProcess } from './whole-hub.ts'

const node = 'pi'
const namespace = 'default'

/** A hub, and beside it a network namespace that is the board's. */
export async function startAgentBed(product: Product) {
  const folder = mkdtempSync(join(tmpdir(), 'whole-agent-'))
  const place = `bpc${process.pid}`
  const [outside, inside] = [1, 2].map((last) => `10.232.${process.pid % 250}.${last}`) as [string, string]
  const ip = (line: string) => execOk('ip', line.split(' '))
  await ip(`netns add ${place}`)
  await ip(`link add ${place}o type veth peer name eth0 netns ${place}`)
  await ip(`addr add ${outside}/30 dev ${place}o`)
  await ip(`link set ${place}o up`)
  await ip(`-n ${place} link set lo up`)
  await ip(`-n ${place} addr add ${inside}/30 dev eth0`)
  await ip(`-n ${place} link set eth0 up`)
  mkdirSync(join(folder, 'hub'))
  const hub = await startHubProcess({ product, home: join(folder, 'hub'), address: outside })
  const token = () => createJoinToken({ client: hub.client, hubDir: join(folder, 'hub/hub'), ttlMs: 600_000, uses: 1 })
  const renewedAt = async () =>
    (await hub.client.get(leases, { namespace: 'kube-node-lease', name: node }).catch(() => undefined))?.spec?.renewTime
  const firstToken = await token()

  /** The agent as it is shipped, without a runtime: it starts alone and is heard by the hub, with its pod network. */
  const startAgent = async (home: string, env: Readonly<Record<string, string>> = {}) => {
    const run = mkdtempSync(join(folder, 'run-'))
    const before = await renewedAt()
    const program = startProgram({
      file: join(product.dist, 'agent.mjs'),
      args: [
        ...['--hub', `mqtts://${outside}:${hub.mqttPort}`, '--node', node, '--instance', 'powercut'],
        ...['--dir', join(home, 'agent'), '--run-dir', run, '--cri-socket', join(run, 'none.sock'), '--cri-cni-conf-dir', join(run, 'cni')],
      ],
      // Whoever starts it gives it the token it was given once; it is good for one board.
      env: { ...env, BRAMBLE_AGENT_TOKEN: firstToken },
      namespace: place,
    })
    try {
      await whenReady(
        program,
        async () => ((await renewedAt()) !== before && existsSync(join(run, 'cni/10-bramble-powercut.conflist'))) || undefined,
      )
      return program
    } catch (error) {
      await program.end('SIGKILL')
      throw error
    }
  }
  return {
    hub,
    startAgent,
    async [Symbol.asyncDispose]() {
      await hub.end('SIGKILL')
      await exec('ip', ['link', 'delete', `${place}o`])
      await exec('ip', ['netns', 'delete', place])
      rmSync(folder, { recursive: true })
    },
  }
}
export type AgentBed = Awaited<ReturnType<typeof startAgentBed>>

/** Two lives of one board: it joins and hears of pods, is killed, starts again and hears of more. */
export async function recordAgentProcess(bed: AgentBed, product: Product, seed: number): Promise<readonly Operation[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whole-agent-life-'))
  const [home, record] = [join(folder, 'home'), join(folder, 'record')]
  mkdirSync(home)
  const { trying, acknowledged, close } = diaryIn(record)
  const random = rolling(seed)
  const { client } = bed.hub
  try {
    for (let life = 0; life < 2; life++) {
      const agent = await bed.startAgent(home, product.recording(home, record))
      acknowledged('certificate', certificateIn(home))
      for (let i = 0; i < 8; i++) {
        const key = { namespace, name: `p${Math.floor(random() * 4)}` }
        const name = `pod/${key.name}`
        const current = await client.get(pods, key).catch(() => undefined)
        const mark = `mark-${seed}-${life}-${i}-`
        const text = `${mark}${'x'.repeat(random() ** 4 * 30_000)}`
        trying(name, text)
        // Twice, because one of them may lie across two pages.
        const annotations = { text, mark }
        if (current === undefined) await client.create(pods, podOf(key.name, annotations))
        else await client.patch(pods, key, { type: 'application/merge-patch+json', body: { metadata: { annotations } } })
        await onDisk(record, mark)
        acknowledged(name, text)
      }
      await agent.end(life === 0 ? 'SIGKILL' : 'SIGTERM')
    }
    return readRecording(record)
  } finally {
    close()
    rmSync(folder, { recursive: true })
  }
}

/** Starts it on what a power cut left, with nobody helping and the token of its first start, and looks what it kept. */
export async function startAgentAgain(bed: AgentBed, home: string, expected: Expected): Promise<void> {
  const kept = ['joining.json', 'node.pem'].filter((file) => existsSync(join(home, 'agent/pki', file)))
  if (kept.length === 0) {
    // It has asked nobody for anything: as a board that was never switched on, which the first start shows.
    if (expected.names('certificate').length > 0) throw new Error('the certificate is lost')
    return
  }
  checkCache(home, expected)
  const agent = await bed.startAgent(home)
  await agent.end('SIGKILL')
  if (expected.names('certificate').length > 0) expected.check('certificate', certificateIn(home))
}

/** Looks at a copy: what the cut left is for the agent itself to open. */
function checkCache(home: string, expected: Expected): void {
  const copy = `${home}-copy`
  cpSync(join(home, 'agent'), copy, { recursive: true })
  const warnings: string[] = []
  const cache = createSqliteCache({ folder: copy, clock, log: createLog({ level: 'warn', write: (line) => warnings.push(line) }) })
  try {
    if (warnings.length > 0) throw new Error(`the cache did not come back as it was: ${warnings.join(' ').trim()}`)
    for (const name of expected.names('pod/')) {
      const pod = cache.get(pods, { namespace, name: name.slice('pod/'.length) })
      expected.check(name, pod?.metadata.annotations?.['text'] ?? null)
    }
  } finally {
    cache.close()
    rmSync(copy, { recursive: true })
  }
}

/** Until what the agent heard is written and synced: from then on no cut may take it away. */
async function onDisk(record: string, mark: string): Promise<void> {
  for (;;) {
    const operations = readRecording(record)
    const at = operations.findIndex((operation) => operation.kind === 'write' && operation.fd < 4095 && operation.data.includes(mark))
    if (at >= 0 && operations.slice(at).some(({ kind }) => kind === 'sync')) return
    await sleep(20)
  }
}

const podOf = (name: string, annotations: Readonly<Record<string, string>>) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, annotations },
    spec: { nodeName: node, containers: [{ name: 'main', image: 'busybox:1' }] },
  }) as unknown as Pod // as a user writes one

const certificateIn = (home: string): string => {
  const text = readFileSync(join(home, 'agent/pki/node.pem'), 'utf8')
  return text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')).trim()
}
