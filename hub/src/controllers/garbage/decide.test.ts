import type { KubeObject } from '@bramble/shared/api/client.ts'
import { expect, test } from 'vitest'
import { decideGarbage } from './decide.ts'
import type { GarbageStep, Owner, OwnerState } from './decide.ts'

const objectOf = (finalizers: string[] = [], deletionTimestamp?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', finalizers, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
})
const owners = (...states: OwnerState[]): Owner[] =>
  states.map((state, i) => ({ state, reference: { apiVersion: 'v1', kind: 'X', name: String(i), uid: `u${i}` } }))

test.each<[string, KubeObject, Owner[], boolean, GarbageStep]>([
  ['nobody owned', objectOf(), [], false, { type: 'keep' }],
  ['whose owner stands', objectOf(), owners('present'), false, { type: 'keep' }],
  ['whose owner cannot be looked up', objectOf(), owners('unknown'), false, { type: 'keep' }],
  ['whose owner is gone', objectOf(), owners('absent'), false, { type: 'delete', propagation: 'Background' }],
  ['with one owner gone and one standing', objectOf(), owners('absent', 'present'), false, { type: 'unreference', uids: ['u0'] }],
  ['whose owner waits for it', objectOf(), owners('waiting'), false, { type: 'delete', propagation: 'Background' }],
  ['whose owner waits for it and that has dependents', objectOf(), owners('waiting'), true, { type: 'delete', propagation: 'Foreground' }],
  ['that asked for orphans', objectOf(['orphan']), owners('absent'), false, { type: 'delete', propagation: 'Orphan' }],
  ['that is going already', objectOf([], '2026-01-01T00:00:00Z'), owners('absent'), false, { type: 'keep' }],
])('an object %s', (_name, object, owners, hasDependents, step) => {
  expect(decideGarbage(object, owners, hasDependents)).toEqual(step)
})
