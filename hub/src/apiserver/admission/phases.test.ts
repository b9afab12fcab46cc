import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { expect, it } from 'vitest'
import { hubParts } from '../authz/hub-parts.ts'
import { originOfPart } from '../objects/origin.ts'
import { type Admission, type AdmissionPlugin, goThrough, type Phase } from './admission.ts'

const seen: string[] = []
const saying = (name: string): AdmissionPlugin => ({
  name,
  guard: () => void seen.push(`guard ${name}`),
  admit: async () => void seen.push(`admit ${name}`),
  complete: () => void seen.push(`complete ${name}`),
  validate: () => void seen.push(`validate ${name}`),
})
const admission: Admission = { operation: 'CREATE', kind: pods, name: 'p', origin: originOfPart(hubParts.apiserver, 'create') }

it('whoever has no business here is turned away by any plugin before one looks at what the write says', async () => {
  const plugins = [saying('a'), saying('b')]
  for (const phase of ['admit', 'complete', 'validate'] satisfies Phase[]) await goThrough(phase, plugins, admission)
  expect(seen).toEqual(['guard a', 'guard b', 'admit a', 'admit b', 'complete a', 'complete b', 'validate a', 'validate b'])
})

it('a plugin that says what it looks at is asked about nothing else', async () => {
  seen.length = 0
  const plugins: AdmissionPlugin[] = [{ ...saying('of pods'), kinds: [pods] }, { ...saying('of nodes'), kinds: [nodes] }, saying('of all')]
  await goThrough('validate', plugins, admission)
  await goThrough('validate', plugins, { ...admission, kind: nodes })
  expect(seen).toEqual(['validate of pods', 'validate of all', 'validate of nodes', 'validate of all'])
})
