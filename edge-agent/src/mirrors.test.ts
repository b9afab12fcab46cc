import { describe, expect, it } from 'vitest'
import { samplePod } from './kubelet/testing/samples.ts'
import { mirrorsOf, uidHere } from './mirrors.ts'

const born = samplePod({}, { uid: 'born', annotations: { 'kubernetes.io/config.source': 'file' } })
const victim = samplePod({}, { name: 'victim', uid: 'victim', resourceVersion: '3' })
const mirror = (of: string, metadata: object = {}) =>
  samplePod({}, { uid: `mirror-of-${of}`, resourceVersion: '7', annotations: { 'kubernetes.io/config.mirror': of }, ...metadata })

describe('a mirror', () => {
  it('stands for the static pod of its name', () => {
    const shown = mirror('born')
    expect(mirrorsOf([born, victim, shown])).toEqual(new Map([['born', shown]]))
    expect(uidHere([born, shown], 'mirror-of-born')).toBe('born')
    expect(uidHere([born, shown], 'victim')).toBe('victim')
  })

  it.each([
    ['a pod of the API', mirror('victim', { name: 'mine' })],
    ['a pod of the API, by its name', mirror('victim', { name: 'victim', namespace: 'mine' })],
    ['a static pod, from another namespace', mirror('born', { namespace: 'mine' })],
    ['a static pod, by another name', mirror('born', { name: 'mine' })],
  ])('that somebody makes of %s stands for nobody, and no command for it comes into another pod', (_what, fake) => {
    const all = [born, victim, fake]
    expect(mirrorsOf(all).size).toBe(0)
    expect(uidHere(all, fake.metadata.uid ?? '')).toBe(fake.metadata.uid)
  })
})
