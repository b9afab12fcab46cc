import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hubParts, overLoopback } from '../../../hub/src/apiserver/authz/hub-parts.ts'
import { createBroker, type BrokerDeps } from '../../../hub/src/broker/broker.ts'
import { brokerInWorker } from '../../../hub/src/broker/broker-thread.ts'
import { createGateway } from '../../../hub/src/broker/gateway.ts'
import { brokerInThisThread } from '../../../hub/src/broker/thread/in-this-thread.ts'
import type { Enroll } from '../../../hub/src/broker/joining/join-desk.ts'
import type { NodeTrust } from '../../../hub/src/broker/joining/node-trust.ts'
import type { Renew } from '../../../hub/src/broker/joining/renewals.ts'
import type { Bodies } from '../../../hub/src/broker/session/bodies.ts'
import type { HistoryFor } from '../../../hub/src/broker/session/history.ts'
import { createCredentialStore } from '../../../edge-agent/src/link/identity/credentials.ts'
import { createHubTime } from '../../../edge-agent/src/link/hub-time.ts'
import { createLink, type LinkDeps } from '../../../edge-agent/src/link/link.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { systemClock, type Clock } from '@bramble/shared/clock.ts'
import { silentLog, type Log } from '@bramble/shared/logging/log.ts'
import { createRestClient, errorOf } from '@bramble/shared/api/rest-client.ts'
import { runAll, type Service } from '@bramble/shared/process/service.ts'
import { createTestCa, type TestCa } from './certificates.ts'

/** A hub's broker and gateway on a port of their own, and as many agents' links as a test wants; all over real sockets and TLS. */
export async function startHub(
  handler: Handler,
  options: {
    ca?: TestCa
    port?: number
    workerUrl?: URL
    clock?: Clock
    log?: Log
    enroll?: Enroll
    renew?: Renew
    bodies?: Bodies
    historyFor?: HistoryFor
    trust?: NodeTrust
  } = {},
) {
  const ca = options.ca ?? createTestCa()
  const tls = ca.issue('/CN=bramble-hub', { hosts: 'IP:127.0.0.1,DNS:localhost' })
  const deps: BrokerDeps = {
    host: '127.0.0.1',
    port: options.port ?? 0,
    tls: { ...tls, ca: ca.caPem },
    log: options.log ?? silentLog,
    start: options.workerUrl === undefined ? brokerInThisThread : brokerInWorker(options.workerUrl),
  }
  const broker = createBroker(deps)
  const gateway = createGateway({
    broker,
    handler,
    ...(options.bodies && { bodies: options.bodies }),
    ...(options.historyFor && { historyFor: options.historyFor }),
    client: handlerClient(handler),
    enroll: options.enroll ?? (() => Promise.reject(new ApiError('Forbidden', 'no token is valid here'))),
    renew: options.renew ?? (async ({ csrPem }) => ({ certificatePem: ca.signCsr(csrPem) })),
    ...(options.trust && { trust: options.trust }),
    fleet: 'home',
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLog,
  })
  const hub = start([broker.service, gateway.service])
  const port = await Promise.race([broker.listening(), hub.done.then(() => Promise.reject(new Error('the hub ended')))])
  return { ca, broker, gateway, port, stop: hub.stop }
}

export type TestHub = Awaited<ReturnType<typeof startHub>>

export function startNode(node: string, { ca, port }: Pick<TestHub, 'ca' | 'port'>, more: Partial<LinkDeps> & { days?: number } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-link-'))
  const credentials = createCredentialStore(folder)
  credentials.replace({
    node,
    ca: ca.caPem,
    ...ca.issue(`/O=system:nodes/CN=system:node:${node}`, { ...(more.days && { days: more.days }) }),
  })
  const link = createLink({
    hubUrl: `mqtts://127.0.0.1:${port}`,
    credentials,
    hubTime: createHubTime({ file: join(folder, 'hub-time'), clock: more.clock ?? systemClock, log: silentLog }),
    agentVersion: '0.0.0-test',
    bootId: 'test',
    servers: {},
    clock: systemClock,
    log: silentLog,
    random: () => 0,
    ...more,
  })
  const running = start([link.service])
  return {
    link,
    credentials,
    folder,
    async stop() {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function start(services: readonly Service[]) {
  const controller = new AbortController()
  const done = runAll(services, controller.signal)
  return {
    done,
    async stop() {
      controller.abort()
      await done.catch(() => {})
    },
  }
}

/** A condition that becomes true through real sockets; polls, so that no test sleeps a fixed time. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const handlerClient = (handler: Handler): Client =>
  createRestClient({
    async request({ method, path, query, body }, { signal }) {
      const response = await handler(
        {
          method,
          path,
          query: new URLSearchParams(query),
          headers: {},
          body: Buffer.from(JSON.stringify(body ?? null)),
          signal: signal ?? new AbortController().signal,
        },
        overLoopback(hubParts.gateway.user),
      )
      if (response.type !== 'object') throw new Error('expected an object')
      if (response.status >= 400) throw errorOf(response.object)
      return response.object
    },
    watch: () => {
      throw new Error('not used')
    },
    stream: () => {
      throw new Error('not used')
    },
  })
