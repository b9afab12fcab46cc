/** What the broker thread is started with. `certificate` may be a chain; all PEM. */
export type BrokerTls = { readonly key: string; readonly certificate: string; readonly ca: string }
export type BrokerOptions = {
  readonly host: string
  readonly port: number
  readonly tls: BrokerTls
  /** Connections are numbered from here on: a thread that is started again gives no number of the one before. */
  readonly firstConnection?: number
}

/** Main thread → broker thread. */
export type BrokerOrder =
  | { readonly type: 'send'; readonly connection: number; readonly payload: Uint8Array }
  | { readonly type: 'answer'; readonly connection: number; readonly payload: string }
  /**
   * These many uplink bytes are dealt with: credit for the thread to read on. `asked`: how much of a full frame of a stream it was that the hub
   * has asked for, from 0 to 1; so much of the node's pace is given back.
   */
  | { readonly type: 'read'; readonly connection: number; readonly bytes: number; readonly asked: number }
  | { readonly type: 'close'; readonly connection: number }
  /** The answer to `connecting`: with a refusal the client gets CONNACK 5. */
  | { readonly type: 'admit'; readonly connection: number; readonly refusal?: string }
  | { readonly type: 'publish'; readonly topic: string; readonly payload: string; readonly retain: boolean }
  | { readonly type: 'certificate'; readonly tls: BrokerTls }

/** What a certificate of our CA says: the node, its public key (`keyHashOf`), and until when, in epoch milliseconds. */
export type NodeProof = { readonly node: string; readonly key: string; readonly notAfter: number }

/** Broker thread → main thread. A connection is a number of the thread's; `connecting` is asked before it is let in, `connected` comes before its first frame. */
export type BrokerEvent =
  | { readonly type: 'listening'; readonly port: number }
  | ({ readonly type: 'connecting'; readonly connection: number; readonly address: string } & NodeProof)
  | ({ readonly type: 'connected'; readonly connection: number; readonly address: string } & NodeProof)
  | { readonly type: 'frame'; readonly connection: number; readonly payload: Uint8Array }
  | { readonly type: 'disconnected'; readonly connection: number; readonly why?: string | undefined }
  | { readonly type: 'join'; readonly connection: number; readonly address: string; readonly payload: Uint8Array }
  | { readonly type: 'refused'; readonly clientId: string; readonly address: string; readonly what: string; readonly topic?: string }
  | { readonly type: 'client-error'; readonly clientId: string; readonly address: string; readonly message: string }
