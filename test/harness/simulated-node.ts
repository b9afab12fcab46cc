import { runAgent } from '../scale/agent.ts'
import { credentialsOf } from '../scale/credentials.ts'
import type { TestHub } from './hub.ts'

/** A node whose pods run by a word: for what is about clients and the hub, where containers would only cost time. */
export async function startSimulatedNode(hub: TestHub, name: string): Promise<AsyncDisposable> {
  const stop = new AbortController()
  await hub.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } }))
  const [credentials] = await credentialsOf({ ca: hub.ca() }, [name])
  if (credentials === undefined) throw new Error('a name has credentials')
  let living: Promise<void> = Promise.resolve()
  const addresses = new Map<string, string>()
  /** Of the first node's network; these tests never have more than its pods at once. */
  const podAddress = (uid: string) => {
    const address = addresses.get(uid) ?? `10.42.0.${2 + (addresses.size % 250)}`
    addresses.set(uid, address)
    return address
  }
  await new Promise<void>((onJoined) => {
    const life = { hubUrl: hub.hubUrl, credentials, mayTell: async () => {}, onJoined, onTold: () => {}, onRetry: () => {}, podAddress }
    living = runAgent(life, stop.signal)
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await living
    },
  }
}
