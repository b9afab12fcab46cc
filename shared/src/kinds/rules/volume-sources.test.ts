import { expect, test } from 'vitest'
import { furtherSourcesOf, labelsOfSources, sourcesToldBy } from './volume-sources.ts'
import { unservedIn } from './unserved.ts'
import { created, somePod } from './testing.ts'
import { pods } from '../pod.ts'

const nfs = { name: 'v', nfs: { server: 'nas', path: '/' } }
const withVolumes = (...volumes: object[]) => created(pods, somePod({ volumes }))

test('what not every node mounts is told of a pod, and of a node', () => {
  expect(furtherSourcesOf(withVolumes({ name: 'a', emptyDir: {} }, nfs).spec.volumes)).toEqual(['nfs'])
  expect(furtherSourcesOf(undefined)).toEqual([])
  expect(sourcesToldBy({ metadata: { labels: { room: 'attic', ...labelsOfSources(['secret', 'nfs', 'image']) } } })).toEqual([
    'nfs',
    'image',
  ])
  expect(sourcesToldBy({ metadata: {} })).toEqual([])
})

test('a volume that nobody mounts is refused by its source, and not where somebody does', () => {
  const refused = (mounted?: ReadonlySet<string>) => unservedIn(withVolumes(nfs), { mounted }).map(({ field }) => field)
  expect(refused()).toEqual(['spec.volumes[0].nfs'])
  expect(refused(new Set(['image']))).toEqual(['spec.volumes[0].nfs'])
  expect(refused(new Set(['nfs']))).toEqual([])
})
