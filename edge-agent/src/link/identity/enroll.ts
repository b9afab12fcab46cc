import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { MqttClient } from 'mqtt'
import { strongTls } from '@bramble/shared/identity/strong-tls.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { joinAnswer, joinAnswerSchema } from '@bramble/shared/mqtt/topics/join-answer.ts'
import { joinQuestion, type JoinQuestion } from '@bramble/shared/mqtt/topics/join-question.ts'
import type { Credentials } from './credentials.ts'
import { createKeyAndCsr } from './csr.ts'
import type { HubTime } from '../hub-time.ts'
import { openHubSocket, parseHubUrl, type HubAddress } from '../hub-socket.ts'
import type { JoinRequest } from './join-request.ts'

export type EnrollDeps = {
  /** `mqtts://host:port` */
  readonly hubUrl: string
  /** `<id>.<secret>.<sha256 of the CA certificate>` */
  readonly token: string
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  /** What is known of the time from an earlier life, and hears what the hub says of it now. */
  readonly hubTime?: HubTime
  /** A new one is asked with by default. */
  readonly request?: JoinRequest
}

const answerMs = 20_000

/**
 * Makes this machine a node: checks by the fingerprint in the token that the hub is the right one, proves with the token that the
 * hub sent for us, and gets our new key certified. Tries until the hub is there; a refusal of the hub is thrown.
 */
export async function enroll({ hubUrl, token, node, clock, log, hubTime, request }: EnrollDeps, signal: AbortSignal): Promise<Credentials> {
  const address = parseHubUrl(hubUrl)
  const fingerprint = /^[a-z0-9]+\.[a-z0-9]+\.([0-9a-f]{64})$/i.exec(token)?.[1]?.toLowerCase()
  if (fingerprint === undefined)
    throw new ConfigError('the token is written <id>.<secret>.<fingerprint>: make one with `bramble token create` on the hub')
  const { keyPem, csrPem } = request ?? createKeyAndCsr(node)
  const backoff = createBackoff({ firstMs: 500, maxMs: 30_000 })
  let told = ''
  for (;;) {
    try {
      const ca = await fetchCa(address, fingerprint, signal)
      const certificate = await askToJoin({ address, ca, question: { token, csr: csrPem, node }, clock, hubTime, signal })
      return { node, key: keyPem, certificate, ca }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof WrongHub || (isApiError(error) && error.reason !== 'TooManyRequests')) throw error
      const text = messageOf(error)
      if (text !== told) log.warn({ hub: hubUrl, error: text }, 'not joined yet')
      told = text
      await sleep(backoff.next(), signal)
    }
  }
}

class WrongHub extends ConfigError {}

/** The hub's CA, recognised by its fingerprint. Nothing is said on this connection: nobody is trusted yet. */
function fetchCa({ host, port }: HubAddress, fingerprint: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(isIP(host) === 0 && { servername: host }), rejectUnauthorized: false, ...strongTls })
    const stop = (end: () => void) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      end()
    }
    const onAbort = () => stop(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.setTimeout(10_000, () => stop(() => reject(new Error(`hub ${host}:${port} does not answer`))))
    socket.on('error', (cause) => stop(() => reject(new Error(`hub ${host}:${port}: ${cause.message}`, { cause }))))
    socket.once('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true))
      const ca = chain.find((der) => createHash('sha256').update(der).digest('hex') === fingerprint)
      if (ca !== undefined) return stop(() => resolve(new X509Certificate(ca).toString()))
      stop(() =>
        reject(
          new WrongHub(`${host}:${port} is not the hub this token is for: none of its certificates has the fingerprint ${fingerprint}`),
        ),
      )
    })
  })
}

function chainOf(leaf: DetailedPeerCertificate): readonly Buffer[] {
  const chain: Buffer[] = []
  // A root is its own issuer.
  for (let each: DetailedPeerCertificate | undefined = leaf; each?.raw !== undefined && chain.length < 8; each = each.issuerCertificate) {
    if (chain.some((der) => der.equals(each.raw))) break
    chain.push(each.raw)
  }
  return chain
}

type AskDeps = {
  readonly address: HubAddress
  readonly ca: string
  readonly question: JoinQuestion
  readonly clock: Clock
  readonly hubTime: HubTime | undefined
  readonly signal: AbortSignal
}

async function askToJoin({ address, ca, question, clock, hubTime, signal }: AskDeps): Promise<string> {
  const socket = await openHubSocket({ address, ca, clock, ...(hubTime && { isOver: hubTime.isOver }), signal })
  const id = randomBytes(8).toString('hex')
  const mqtt = new MqttClient(() => socket, {
    protocolVersion: 4,
    clientId: `join:${id}`,
    clean: true,
    reconnectPeriod: 0,
    keepalive: 30,
    resubscribe: false,
    writeCache: false,
  })
  using deadline = createDeadline(answerMs, signal)
  try {
    const payload = await new Promise<Buffer>((resolve, reject) => {
      deadline.signal.addEventListener(
        'abort',
        () => reject(signal.aborted ? signal.reason : new Error(`the hub did not answer within ${answerMs} ms`)),
        { once: true },
      )
      // What the parser says of another protocol helps nobody: an error of the connection has a code.
      mqtt.on('error', (cause) =>
        reject(
          'code' in cause
            ? cause
            : new Error(`${address.host}:${address.port} does not speak MQTT: is it the MQTT port of the hub?`, { cause }),
        ),
      )
      mqtt.on('close', () => reject(new Error('the hub closed the connection')))
      mqtt.on('message', (_topic, message) => resolve(message))
      mqtt.on('connect', () =>
        mqtt.subscribe(joinAnswer.with({ id }), { qos: 1 }, (error) => {
          if (error) return reject(error)
          mqtt.publish(joinQuestion.with({ id }), JSON.stringify(question), { qos: 1 })
        }),
      )
    })
    const answer = joinAnswerSchema.parse(JSON.parse(payload.toString()))
    if ('status' in answer) throw errorOf(answer.status)
    if (answer.hubTime !== undefined) hubTime?.heard(answer.hubTime)
    return answer.certificatePem
  } finally {
    mqtt.end(true)
    socket.destroy()
  }
}
