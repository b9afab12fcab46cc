import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setPriority } from 'node:os'
import { createServer } from 'node:tls'
import { Aedes } from 'aedes'
import { MqttClient } from 'mqtt'
import type { Credentials } from '@bramble/edge-agent/link/identity/credentials.ts'
import { openHubSocket } from '@bramble/edge-agent/link/hub-socket.ts'
import type { BrokerTls } from '@bramble/hub/broker/broker-messages.ts'
import { secureOptions } from '@bramble/hub/broker/thread/tls-options.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import { cpuSeconds } from '../bench/process.ts'

export const bareBrokerWord = '--bare-broker'
export const bareClientsWord = '--bare-clients'

export type Pairs = {
  readonly tls: BrokerTls
  readonly credentials: readonly Credentials[]
  /** Of each client one after the other, two at a time. */
  readonly rounds: number
  readonly requestBytes: number
  readonly answerBytes: number
}

const atOnce = 2

/**
 * The CPU seconds that a process takes which has aedes behind the hub's own TLS, and an answer of so many bytes to whatever is said, for one of them: the
 * floor of what a node asks of a hub.
 */
export async function bareCpuSeconds({ tls, answerBytes, credentials, rounds, requestBytes }: Pairs): Promise<number> {
  const broker = fork(process.argv[1] ?? '', [bareBrokerWord])
  const clients = fork(process.argv[1] ?? '', [bareClientsWord])
  try {
    broker.send({ tls, answerBytes })
    const [port] = (await once(broker, 'message')) as [number]
    clients.send({ port, credentials, rounds, requestBytes })
    await once(clients, 'message') // all are connected
    const before = cpuSeconds(broker.pid ?? 0)
    clients.send('go')
    await once(clients, 'message') // all are answered
    return (cpuSeconds(broker.pid ?? 0) - before) / (credentials.length * rounds * atOnce)
  } finally {
    clients.kill()
    broker.kill()
  }
}

/** The broker's own process. */
export async function bareBroker(): Promise<void> {
  const [{ tls, answerBytes }] = (await once(process, 'message')) as [Pick<Pairs, 'tls' | 'answerBytes'>]
  const aedes = await Aedes.createBroker({ concurrency: 0 })
  const payload = Buffer.alloc(answerBytes, 'x')
  aedes.on('publish', ({ topic }, client) => {
    if (client !== null) aedes.publish({ cmd: 'publish', topic: `down/${topic}`, payload, qos: 0, retain: false, dup: false }, () => {})
  })
  const server = createServer({ ...secureOptions(tls), noDelay: true }, aedes.handle)
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port)) // of a port
  process.on('disconnect', () => process.exit(0))
}

/** The clients' own process, which gives way to the broker as the fleet does to the hub. */
export async function bareClients(): Promise<void> {
  setPriority(10)
  type Told = Pick<Pairs, 'credentials' | 'rounds' | 'requestBytes'> & { readonly port: number }
  const [{ port, credentials, rounds, requestBytes }] = (await once(process, 'message')) as [Told]
  const { signal } = new AbortController()
  const payload = Buffer.alloc(requestBytes, 'x')
  const clients: (() => Promise<void>)[] = []
  for (const { node, key, certificate, ca } of credentials) {
    const socket = await openHubSocket({
      address: { host: '127.0.0.1', port },
      ca,
      own: { key, certificate },
      clock,
      signal,
      timeoutMs: 60_000,
    })
    const mqtt = new MqttClient(() => socket, {
      protocolVersion: 4,
      clientId: `node:${node}`,
      reconnectPeriod: 0,
      keepalive: 0,
      writeCache: false,
    })
    await mqtt.subscribeAsync(`down/${node}`, { qos: 0 })
    let left = 0
    let allHere: () => void = () => {}
    mqtt.on('message', () => {
      left -= 1
      if (left === 0) allHere()
    })
    clients.push(async () => {
      for (let round = 0; round < rounds; round += 1)
        await new Promise<void>((resolve) => {
          allHere = resolve
          for (left = 0; left < atOnce; left += 1) mqtt.publish(node, payload, { qos: 0 })
        })
    })
  }
  process.send?.('connected')
  await once(process, 'message')
  await Promise.all(clients.map((say) => say()))
  process.send?.('answered')
  process.on('disconnect', () => process.exit(0))
}
