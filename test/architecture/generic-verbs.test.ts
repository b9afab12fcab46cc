import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'

const apiserver = new URL('../../hub/src/apiserver', import.meta.url).pathname

/** Rooms with a file for each thing that is about some kinds, what counts them, those that know who asks, and those that find other servers; everything else serves any kind. */
const aboutKinds = [
  'aggregation',
  'remote',
  'metrics-api',
  'local-groups',
  'admission',
  'authn',
  'authz',
  'custom',
  'fairness',
  'kinds',
  'pods',
  'posted',
  'proxying',
  'quota',
  'subresources',
  'testing',
]
/** The grammar of paths has a word for namespaces, and what is written down of whom is said of some resources, in what is called an Event as well. */
const grammar = ['query/request-info.ts', 'audit/default-policy.ts', 'audit/event.ts']

const generic = readdirSync(apiserver, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !aboutKinds.includes(file.split('/')[0] ?? '') && !grammar.includes(file),
)

test('what serves any kind knows none by its name or its fields: a kind says what is special about it', () => {
  expect(generic.length).toBeGreaterThan(50)
  // Watch events are told from resources by nobody but this list.
  const names = kinds.flatMap(({ kind, resource }) => [kind, resource]).filter((name) => name !== 'events')
  const quoted = new RegExp(`['"\`](?:${names.join('|')})['"\`]`)
  const field = /\b(?:nodeName|nodeSelector|podIPs?|clusterIPs?|involvedObject)\b/
  const knowing = generic.flatMap((file) =>
    readFileSync(join(apiserver, file), 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !/^(\/\/|\/?\*)/.test(line))
      .filter((line) => /shared\/kinds\/[a-z-]+\.ts'/.test(line) || quoted.test(line) || field.test(line))
      .map((line) => `${file}: ${line}`),
  )
  expect(knowing).toEqual([])
})
