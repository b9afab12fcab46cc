import { describe, expect, it } from 'vitest'
import { createTestApi } from '../apiserver/testing/api.ts'
import { written } from './conformance/bed.ts'
import { describeStoreConformance } from './conformance/suite.ts'
import type { Decision, LogMark, LogRow, Proposal, RevisionLog } from './log.ts'
import { createStore } from './mvcc.ts'
import type { StoreEvent } from './store.ts'

/**
 * The simplest log that could be right, written against the interface alone: one list of changes, as many hubs on it as want to be,
 * each of which hears of a change some turns later than it happened.
 */
class ToyServer {
  rows: LogRow[] = []
  revision = 0
  readonly marks = new Map<string, LogMark>()
  readonly #hubs = new Set<(rows: readonly LogRow[]) => void>()

  take({ writes, holds = [] }: Proposal): Decision {
    const newest = (key: string) => this.rows.findLast((row) => row.key === key)
    const standing = (key: string) => (newest(key)?.value === null ? undefined : newest(key))
    for (const { key, revision } of [...writes.map(({ key, expected }) => ({ key, revision: expected })), ...holds]) {
      const found = standing(key)?.revision ?? 0
      if (found !== revision) return { type: 'conflict', key, revision: found }
    }
    const rows = writes.map(({ key, value }) => {
      this.revision += 1
      return { revision: this.revision, key, value, createRevision: standing(key)?.createRevision ?? this.revision }
    })
    this.rows.push(...rows)
    for (const hear of this.#hubs) hear(rows)
    return { type: 'taken', revision: rows[0]?.revision ?? 0 }
  }

  hub({ lag }: { readonly lag: number }): RevisionLog {
    let told: Promise<void> = Promise.resolve()
    const turns = async () => {
      for (let i = 0; i < lag; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    let unheard: (() => void) | undefined
    return {
      load: async () => ({ revision: () => this.revision, marks: [...this.marks.values()], rows: chunks([...this.rows]) }),
      tail: (_from, hear) => {
        const hub = (rows: readonly LogRow[]) => void (told = Promise.all([told, turns()]).then(() => hear(rows)))
        this.#hubs.add(hub)
        unheard = () => this.#hubs.delete(hub)
      },
      propose: async (proposal) => {
        await turns()
        const decision = this.take(proposal)
        if (decision.type === 'taken') await told
        return decision
      },
      forget: ({ drop, marks }) => {
        for (const mark of marks) this.marks.set(mark.prefix, mark)
        const gone = new Set(drop)
        this.rows = this.rows.filter(({ revision }) => !gone.has(revision))
      },
      compact: async () => {},
      stats: { commits: 0, commitMs: 0, bytesWritten: 0 },
      close: async () => {
        await told
        unheard?.()
      },
    }
  }
}

async function* chunks(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  yield rows
}

describeStoreConformance('a toy log', () => {
  const server = new ToyServer()
  return { open: () => server.hub({ lag: 1 }), crash: async () => {}, dispose: async () => {} }
})

describe('two hubs on one log', () => {
  const bothOn = async () => {
    const server = new ToyServer()
    return [await createStore({ log: server.hub({ lag: 1 }) }), await createStore({ log: server.hub({ lag: 5 }) })] as const
  }

  it('one of two writers of the same revision wins, and the other is shown what won, however far behind its hub is', async () => {
    const [near, far] = await bothOn()
    const { revision } = await written(near.create('/core/pods/a/x', '0'))
    await far.reached('/core/pods/', revision, new AbortController().signal)
    const results = await Promise.all([far.update('/core/pods/a/x', 'far', revision), near.update('/core/pods/a/x', 'near', revision)])
    expect(results.map(({ type }) => type).sort()).toEqual(['conflict', 'written'])
    const won = near.get('/core/pods/a/x')
    expect(results.find(({ type }) => type === 'conflict')).toEqual({ type: 'conflict', key: '/core/pods/a/x', current: won })
    await far.reached('/core/pods/', won?.revision ?? 0, new AbortController().signal)
    expect(far.get('/core/pods/a/x')).toEqual(won)
  })

  it('both tell the same changes in the same order', async () => {
    const [near, far] = await bothOn()
    const follow = (store: typeof near) => {
      const events: StoreEvent[] = []
      store.watch('/core/pods/', 0, (batch) => events.push(...batch))
      return events
    }
    const seen = [follow(near), follow(far)]
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? near : far).create(`/core/pods/a/${i}`, `${i}`)))
    await Promise.all([near, far].map((store) => store.reached('/core/pods/', near.mark().disk, new AbortController().signal)))
    expect(seen[0]).toHaveLength(20)
    expect(seen[1]).toEqual(seen[0])
  })

  it('no two Services get the same address or node port, whichever hub made them', async () => {
    const server = new ToyServer()
    const options = { serviceCidr: '10.43.0.0/26', nodePortRange: { from: 30_000, to: 30_039 } }
    const hubs = [await createTestApi(options, server.hub({ lag: 1 })), await createTestApi(options, server.hub({ lag: 4 }))]
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type: 'NodePort', ports: [{ port: 80 }], selector: { app: name } },
    })
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, i) => hubs[i % 2]!.json('POST', '/api/v1/namespaces/default/services', { body: service(`s${i}`) })),
    )
    expect(made.map(({ code }) => code)).toEqual(made.map(() => 201))
    expect(new Set(made.map(({ body }) => body.spec.clusterIP)).size).toBe(40)
    expect(new Set(made.map(({ body }) => body.spec.ports[0].nodePort)).size).toBe(40)
  })
})
