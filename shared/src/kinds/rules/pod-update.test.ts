import { describe, expect, it } from 'vitest'
import { type Pod, pods } from '../pod.ts'
import { created, somePod, updateRefusals, updated } from './testing.ts'

describe('an update of a pod', () => {
  const before = created(pods, somePod({ tolerations: [{ key: 'a', operator: 'Exists' }], activeDeadlineSeconds: 60, nodeName: 'pi-1' }))

  it.each<[string, (object: Pod) => void]>([
    ['its image', (o) => Object.assign(o.spec.containers[0] ?? {}, { image: 'busybox:2' })],
    ['another toleration', (o) => o.spec.tolerations?.push({ key: 'b', operator: 'Exists' })],
    ['a shorter deadline', (o) => Object.assign(o.spec, { activeDeadlineSeconds: 30 })],
    ['its labels', (o) => Object.assign(o.metadata, { labels: { a: 'b' } })],
  ])('may change %s', (_what, change) => {
    expect(updateRefusals(pods, before, change)).toEqual([])
  })

  it.each<[string, (object: Pod) => void, string]>([
    [
      'its command',
      (o) => Object.assign(o.spec.containers[0] ?? {}, { command: ['x'] }),
      'spec: Forbidden: pod updates may not change fields other than',
    ],
    [
      'the number of its containers',
      (o) => o.spec.containers.push({ ...(o.spec.containers[0] as Pod['spec']['containers'][0]), name: 'b' }),
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    ['its node', (o) => Object.assign(o.spec, { nodeName: 'pi-2' }), 'spec: Forbidden:'],
    [
      'a toleration it had',
      (o) => Object.assign(o.spec, { tolerations: [] }),
      'spec.tolerations: Forbidden: existing toleration can not be modified',
    ],
    [
      'to a longer deadline',
      (o) => Object.assign(o.spec, { activeDeadlineSeconds: 61 }),
      'spec.activeDeadlineSeconds: Invalid value: 61: must be less than or equal to previous value',
    ],
  ])('may not change %s', (_what, change, expected) => {
    expect(updateRefusals(pods, before, change).join('\n')).toContain(expected)
  })

  it('looks at each of thousands of tolerations once', () => {
    const tolerations = Array.from({ length: 9_000 }, (_, i) => ({ key: `k${i}`, operator: 'Exists' as const }))
    const many = created(pods, somePod({ tolerations }))
    expect(updateRefusals(pods, many, (o) => Object.assign(o.spec, { tolerations: tolerations.toReversed() }))).toEqual([])
    expect(updateRefusals(pods, many, (o) => o.spec.tolerations?.pop())).toHaveLength(1)
  })

  it('counts the generation only when the spec changes', () => {
    expect(updated(pods, before, (o) => Object.assign(o.metadata, { labels: { a: 'b' } })).metadata.generation).toBe(1)
    expect(updated(pods, before, (o) => Object.assign(o.spec.containers[0] ?? {}, { image: 'x:2' })).metadata.generation).toBe(2)
  })
})
