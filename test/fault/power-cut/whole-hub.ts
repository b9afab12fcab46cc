import { createHash, X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../../hub/src/cli/cluster/connect.ts'
import type { KubeObject, Resource } from '../../../shared/src/api/client.ts'
import { configMaps } from '../../../shared/src/kinds/config-map.ts'
import { secrets } from '../../../shared/src/kinds/secret.ts'
import { freePort } from '../../harness/cluster.ts'
import { diaryIn, type Expected, rolling } from './diary.ts'
import { startProgram, whenReady } from './processes.ts'
import type { Product } from './product.ts'
import { type Operation, readRecording } from './recording.ts'

type Kept = KubeObject & { readonly data?: Readonly<Record<string, string>> }
const resources: readonly Resource<Kept>[] = [configMaps as Resource<Kept>, secrets as Resource<Kept>] // both keep texts by key
const namespace = 'default'

export type HubStart = {
  readonly product: Product
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** Where its nodes reach it. */
  readonly address?: string
}

/** The hub as it is shipped, with its threads and controllers, on the files of a home; ready when it answers its own admin. */
export async function startHubProcess({ product, home, env, address = '127.0.0.1' }: HubStart) {
  const [httpsPort, mqttPort] = [await freePort(), await freePort()]
  const kubeconfig = join(home, 'kubeconfig')
  const program = startProgram({
    file: join(product.dist, 'hub.mjs'),
    args: [
      ...['--dir', join(home, 'hub'), '--kubeconfig', kubeconfig],
      ...['--https-address', '127.0.0.1', '--https-port', String(httpsPort)],
      ...['--mqtt-address', address, '--address', address, '--mqtt-port', String(mqttPort)],
    ],
    ...(env && { env }),
  })
  try {
    const client = await whenReady(program, async () => {
      const client = connect(kubeconfig)
      try {
        await client.list(configMaps, { namespace, limit: 1 }, { timeoutMs: 5_000 })
        return client
      } catch (error) {
        client.close()
        throw error
      }
    })
    const end = async (signal: NodeJS.Signals) => {
      client.close()
      await program.end(signal)
    }
    return { client, mqttPort, end, caHash: caHashOf(home) }
  } catch (error) {
    await program.end('SIGKILL')
    throw error
  }
}

/** Three lives of one home: one that ends in order, one that is killed in the middle of its writes, and one after that. */
export async function recordHubProcess(product: Product, seed: number): Promise<readonly Operation[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whole-hub-'))
  const [home, record] = [join(folder, 'home'), join(folder, 'record')]
  mkdirSync(home)
  const { trying, acknowledged, close } = diaryIn(record)
  const random = rolling(seed)
  try {
    for (let life = 0; life < 3; life++) {
      const hub = await startHubProcess({ product, home, env: product.recording(home, record) })
      acknowledged('ca', hub.caHash)
      const here = new Map<string, Kept>()
      for (const resource of resources)
        for (const object of (await hub.client.list(resource, { namespace })).items) here.set(nameOf(resource, object), object)
      let left = life === 1 ? 20 : Infinity
      let isOver = false
      const write = async (writer: number) => {
        const resource = resources[writer % 2] as Resource<Kept> // there are two
        for (let i = 0; i < 12 && !isOver; i++) {
          const key = { namespace, name: `w${writer}-${Math.floor(random() * 4)}` }
          const name = `${resource.resource}/${key.name}`
          const current = here.get(name)
          const text = current !== undefined && random() < 0.3 ? null : `${life}-${writer}-${i}-${'x'.repeat(random() ** 4 * 60_000)}`
          trying(name, text)
          if (text === null) {
            await hub.client.delete(resource, key)
            here.delete(name)
            acknowledged(name, null)
          } else {
            const wanted = objectOf(resource, { ...key, ...(current && { resourceVersion: current.metadata.resourceVersion }) }, text)
            const written = await (current ? hub.client.update(resource, wanted) : hub.client.create(resource, wanted))
            here.set(name, written)
            acknowledged(name, text, Number(written.metadata.resourceVersion))
          }
          if (--left === 0) {
            isOver = true
            await hub.end('SIGKILL')
          }
        }
      }
      const writes = await Promise.allSettled([0, 1, 2, 3].map(write))
      if (isOver) continue
      await hub.end('SIGTERM')
      for (const result of writes) if (result.status === 'rejected') throw result.reason
    }
    return readRecording(record)
  } finally {
    close()
    rmSync(folder, { recursive: true })
  }
}

/** Starts it on what a power cut left, with nobody helping, and asks it for what it has. */
export async function startHubAgain(product: Product, home: string, expected: Expected): Promise<void> {
  const hub = await startHubProcess({ product, home })
  try {
    for (const resource of resources) {
      const { items, metadata } = await hub.client.list(resource, { namespace })
      const found = new Map(
        items.filter(({ metadata: { name } }) => /^w\d-/.test(name)).map((each) => [nameOf(resource, each), textOf(each)]),
      )
      for (const name of new Set([...expected.names(`${resource.resource}/`), ...found.keys()]))
        expected.check(name, found.get(name) ?? null)
      if (Number(metadata.resourceVersion) < expected.revision)
        throw new Error(`revisions went back: ${expected.revision} was acknowledged, the hub begins at ${metadata.resourceVersion}`)
    }
    if (expected.names('ca').length > 0) expected.check('ca', hub.caHash)
    await hub.client.create(configMaps as Resource<Kept>, objectOf(configMaps as Resource<Kept>, { namespace, name: 'after' }, 'the cut'))
  } finally {
    await hub.end('SIGKILL')
  }
}

const nameOf = ({ resource }: Resource<Kept>, { metadata: { name } }: Kept) => `${resource}/${name}`

const objectOf = ({ kind }: Resource<Kept>, metadata: Kept['metadata'], text: string): Kept => ({
  apiVersion: 'v1',
  kind,
  metadata,
  data: { text: kind === 'Secret' ? Buffer.from(text).toString('base64') : text },
})

const textOf = ({ kind, data }: Kept): string => {
  const text = data?.['text'] ?? 'torn'
  return kind === 'Secret' ? Buffer.from(text, 'base64').toString() : text
}

const caHashOf = (home: string): string =>
  createHash('sha256')
    .update(new X509Certificate(readFileSync(join(home, 'hub/pki/ca.crt'))).raw)
    .digest('hex')
