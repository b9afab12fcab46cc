import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

/** Code of hub, agent and what they share, tests aside: they end before anything adds up. */
const sources = ['shared', 'hub', 'edge-agent'].flatMap((name) =>
  readdirSync(join(root, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing/') && !file.includes('dashboard/'))
    .map((file) => join(name, 'src', file)),
)

test('signals are composed by linkSignals and createDeadline alone: what Node composes stays for as long as its sources live', () => {
  expect(sources.length).toBeGreaterThan(300)
  const composing = sources.filter((file) =>
    /^(?!\s*(?:\/\/|\*|\/\*)).*AbortSignal\.(?:any|timeout)\(/m.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(composing).toEqual([])
})
