import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { planMirrors } from './plan-mirrors.ts'

const node = { name: 'pi-1', uid: 'n1' }
const podOf = (name: string, metadata: object, nodeName = 'pi-1') =>
  ({ metadata: { name, namespace: 'default', ...metadata }, spec: { nodeName, containers: [] } }) as unknown as Pod // what is looked at
const born = (name: string, uid: string) => podOf(name, { uid, annotations: { 'kubernetes.io/config.source': 'file' } })
const mirror = (name: string, of: string, more: object = {}, nodeName = 'pi-1') =>
  podOf(
    name,
    {
      uid: `mirror-of-${of}`,
      resourceVersion: '7',
      annotations: { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.mirror': of },
      ...more,
    },
    nodeName,
  )

describe('mirrors of static pods', () => {
  it.each<[string, readonly Pod[], readonly string[]]>([
    ['one that is missing is made', [born('a', 'u1')], ['create a of u1']],
    ['one that is there is left alone', [born('a', 'u1'), mirror('a', 'u1')], []],
    [
      'one that somebody deletes is let go first',
      [born('a', 'u1'), mirror('a', 'u1', { deletionTimestamp: 'x' })],
      ['delete mirror-of-u1'],
    ],
    ['one of a manifest that has changed is let go first', [born('a', 'u2'), mirror('a', 'u1')], ['delete mirror-of-u1']],
    ['one of a manifest that is gone goes', [mirror('a', 'u1')], ['delete mirror-of-u1']],
    ['one of another name shows nothing', [born('a', 'u1'), mirror('b', 'u1')], ['delete mirror-of-u1', 'create a of u1']],
    ['one of another node is none of ours', [mirror('a', 'u1', {}, 'pi-2')], []],
    [
      'a pod of the API that says it comes from a file is no static pod',
      [podOf('a', { uid: 'u1', resourceVersion: '7', annotations: { 'kubernetes.io/config.source': 'file' } })],
      [],
    ],
  ])('%s', (_title, pods, steps) => {
    expect(
      planMirrors(pods, node).map((step) =>
        step.kind === 'delete'
          ? `delete ${step.uid}`
          : `create ${step.mirror.metadata.name} of ${step.mirror.metadata.annotations?.['kubernetes.io/config.mirror']}`,
      ),
    ).toEqual(steps)
  })
})
