import type { Target } from '../bench/api-load.ts'
import { marked } from '@bramble/shared/discover.ts'
import type { rawNodeAs } from '../conformance/mqtt/raw-client.ts'
import type { TestCluster } from '../harness/cluster.ts'

export type Answer = { readonly status: number; readonly text: string }
export type NodeIdentity = { readonly key: string; readonly certificate: string; readonly ca: string }

/** What an attack may use: the running cluster, its administrator, and as many enrolled machines of its own as it wants. */
export type Victim = {
  readonly cluster: TestCluster
  readonly admin: Target
  /** What `fetch` answers, as the administrator. */
  ask(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>
  /** The same with a node's certificate. */
  askAs(node: NodeIdentity, method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>
  /** A new join token. */
  token(): Promise<string>
  /** How many milliseconds an honest machine of that name takes to join. */
  join(token: string, node: string): Promise<number>
  /** A certificate got with a join token (its own, or the one given), as any machine gets one. */
  enroll(node: string, token?: string): Promise<NodeIdentity>
  /** A session of such a node that says what the attack wants. */
  node(name: string, identity?: NodeIdentity): ReturnType<typeof rawNodeAs>
  pause(ms: number): Promise<void>
}

/** A file in `attacks/`: does its worst for some seconds and cleans up after itself; answers what it saw. */
export type Attack = { readonly isAttack: true; readonly name: string; run(victim: Victim): Promise<string> }

export const defineAttack = (name: string, run: (victim: Victim) => Promise<string>): Attack => ({ isAttack: true, name, run })

export const isAttack = marked<Attack>('isAttack')
