import { Worker } from 'node:worker_threads'
import { ApiError, type StatusReason } from '@bramble/shared/api/api-error.ts'
import type { SignerName } from './request-rules.ts'

/** Who a certificate names; `organizations` are a user's groups. */
export type Subject = { readonly commonName: string; readonly organizations: readonly string[] }
export type Validity = { readonly notBefore: Date; readonly notAfter: Date }
/** Both PEM; the key is PKCS #8. */
export type KeyPair = { readonly certPem: string; readonly keyPem: string }

export type RootOrder = { readonly commonName: string; readonly keyPem: string; readonly validity: Validity }
export type LeafOrder = {
  readonly issuer: KeyPair
  readonly subject: Subject
  readonly validity: Validity
  /** `csr`: the request's signature proves that the asker holds the key; whatever name it asks for is ignored. */
  readonly key: { readonly type: 'public'; readonly pem: string } | { readonly type: 'csr'; readonly pem: string }
  readonly use:
    | { readonly type: 'client' }
    | { readonly type: 'server'; readonly names: readonly string[]; readonly addresses: readonly string[] }
}

/** A request that somebody has approved: its names are its own, as far as its signer's rules go. */
export type RequestOrder = {
  readonly issuer: KeyPair
  readonly csrPem: string
  readonly signerName: SignerName
  readonly usages: readonly string[]
  readonly validity: Validity
  /** Of this hub: nobody else may serve under them. */
  readonly ownHosts: readonly string[]
}

/** Makes X.509 certificates; they come as PEM. */
export type Signer = {
  signRoot(order: RootOrder): Promise<string>
  /** Throws `Invalid` for a certificate request that does not verify or has a weak key. */
  signLeaf(order: LeafOrder): Promise<string>
  /** The same, and for one that its signer does not sign: `Forbidden`, with the reason. */
  signRequest(order: RequestOrder): Promise<string>
}

export type SignerRequest = { readonly id: number } & (
  | { readonly type: 'root'; readonly order: RootOrder }
  | { readonly type: 'leaf'; readonly order: LeafOrder }
  | { readonly type: 'request'; readonly order: RequestOrder }
)
export type SignerReply = { readonly id: number } & (
  | { readonly type: 'signed'; readonly pem: string }
  | { readonly type: 'refused'; readonly reason: StatusReason; readonly message: string }
)

export type SignerThreadDeps = {
  /** The bundled `signer-worker.ts`: `new URL('./signer-worker.mjs', import.meta.url)`. */
  readonly worker: URL
  readonly idleMs?: number
}

type Asked = { readonly resolve: (pem: string) => void; readonly reject: (error: Error) => void }
type Started = { readonly worker: Worker; readonly waiting: Map<number, Asked> }

/**
 * Signs in a thread that lives only while there is something to sign: the X.509 library costs 17 MB that a hub on a small board
 * needs a few times a year. It never keeps the process alive by itself.
 */
export function createSignerThread({ worker: url, idleMs = 3000 }: SignerThreadDeps): Signer {
  let current: Started | undefined
  let idle: NodeJS.Timeout | undefined
  let lastId = 0

  const start = (): Started => {
    const started: Started = { worker: new Worker(url), waiting: new Map() }
    const { worker, waiting } = started
    // What was asked of the next thread, while this one was on its way out, is none of its business.
    const end = (error: Error) => {
      if (current === started) current = undefined
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    worker.on('message', (reply: SignerReply) => {
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (reply.type === 'signed') asked?.resolve(reply.pem)
      else asked?.reject(new ApiError(reply.reason, reply.message))
      if (waiting.size === 0) rest(started)
    })
    worker.once('error', (cause) => end(new Error(`the signer failed: ${cause.message}`, { cause })))
    worker.once('exit', () => end(new Error('the signer ended')))
    return started
  }

  const rest = (resting: Started) => {
    resting.worker.unref()
    idle = setTimeout(() => {
      if (current === resting) current = undefined
      void resting.worker.terminate()
    }, idleMs).unref()
  }

  const ask = (request: SignerRequest): Promise<string> =>
    new Promise((resolve, reject) => {
      clearTimeout(idle)
      current ??= start()
      const { worker, waiting } = current
      waiting.set(request.id, { resolve, reject })
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
      worker.postMessage(request)
    })

  return {
    signRoot: (order) => ask({ id: ++lastId, type: 'root', order }),
    signLeaf: (order) => ask({ id: ++lastId, type: 'leaf', order }),
    signRequest: (order) => ask({ id: ++lastId, type: 'request', order }),
  }
}
