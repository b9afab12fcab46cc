import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubectlAge } from '../../harness/clients.ts'
import { eventually } from '../../harness/cluster.ts'
import { startTestHub, type TestHub } from '../../harness/hub.ts'
import { startSimulatedNode } from '../../harness/simulated-node.ts'
import { everyKind } from './every-kind.ts'
import { groups } from './groups.ts'
import { differenceOf, type Group, isFor, type Step, wordsOf } from './step.ts'

/** Every verb with a kubectl of that age, against a hub with all of its loops and a node whose pods run by a word. */
export const kubectlJourney = (age: KubectlAge) =>
  describe(`kubectl ${age}`, () => {
    let hub: TestHub
    let node: AsyncDisposable | undefined
    beforeAll(async () => {
      hub = await startTestHub()
      writeFileSync(join(hub.home, 'settings.env'), 'A=1\nB=2\n')
      node = await startSimulatedNode(hub, 'pi-1')
    }, 90_000)
    afterAll(async () => {
      try {
        await node?.[Symbol.asyncDispose]()
      } finally {
        await hub?.[Symbol.asyncDispose]()
      }
    }, 60_000)

    const run = async ({ name, anywhere }: Group, step: Step) => {
      const words = wordsOf(step.run.replaceAll('{home}', hub.home))
      const { input, env } = step
      const found = await hub.run(`kubectl-${age}`, [...(anywhere ? [] : ['-n', name]), ...words], {
        ...(input !== undefined && { stdin: input }),
        ...(env !== undefined && { env }),
      })
      return differenceOf(step, age, found)
    }

    it.each([...groups, everyKind].map((group) => [group.name, group] as const))(
      '%s',
      async (name, group) => {
        await hub.kubectl(['create', 'namespace', name])
        const wrong: string[] = []
        for (const step of group.steps.filter((each) => isFor(each, age))) {
          let difference = await run(group, step)
          if (difference !== undefined && step.soon)
            difference = await eventually(step.run, async () => {
              const found = await run(group, step)
              if (found !== undefined) throw new Error(found)
              return 'so'
            }).then(
              () => undefined,
              (error: Error) => error.message,
            )
          if (difference !== undefined) wrong.push(difference)
        }
        expect(wrong.join('\n\n')).toBe('')
      },
      600_000,
    )
  })
