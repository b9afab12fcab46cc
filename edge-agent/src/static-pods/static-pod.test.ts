import { describe, expect, it } from 'vitest'
import { readPod } from './read-pod.ts'
import { mirrorOf, staticPodOf } from './static-pod.ts'

const manifest = (
  spec = 'containers: [{name: main, image: "busybox:1"}]',
  metadata = '{name: web, namespace: kube-system, labels: {app: web}}',
) => `apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\nspec: {${spec}}\n`
const podOf = async (text: string, { file = 'web.yaml', node = 'pi-1' } = {}) =>
  staticPodOf({ file, pod: readPod(text), writtenAt: 0 }, node)

describe('a pod of a manifest', () => {
  it('is called after its node, bound to it, and has every default', async () => {
    const { metadata, spec } = await podOf(manifest())
    expect(metadata).toEqual({
      name: 'web-pi-1',
      namespace: 'kube-system',
      uid: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      labels: { app: 'web' },
      annotations: {
        'kubernetes.io/config.hash': metadata.uid,
        'kubernetes.io/config.source': 'file',
        'kubernetes.io/config.seen': '1970-01-01T00:00:00.000Z',
      },
    })
    expect(spec).toMatchObject({
      nodeName: 'pi-1',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      containers: [{ imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log' }],
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    })
  })

  it('is the same pod as long as the same is written, and another one when it changes, or in another file or on another node', async () => {
    const { uid } = (await podOf(manifest())).metadata
    const again = async (text: string, where = {}) => (await podOf(text, where)).metadata.uid
    expect(await again(`# a note\n${manifest()}`)).toBe(uid)
    expect(await again(manifest('containers: [{name: main, image: "busybox:2"}]'))).not.toBe(uid)
    expect(await again(manifest(), { file: 'other.yaml' })).not.toBe(uid)
    expect(await again(manifest(), { node: 'pi-2' })).not.toBe(uid)
  })

  it('may be JSON, and is in the namespace default when it names none', async () => {
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c', image: 'b' }] },
    })
    expect((await podOf(text)).metadata).toMatchObject({ name: 'a-pi-1', namespace: 'default' })
  })

  const main = 'containers: [{name: main, image: "busybox:1"'
  it.each([
    ['is no YAML', 'a: [', /Flow sequence/],
    ['is of another kind', manifest().replace('kind: Pod', 'kind: Service'), /Pod/],
    ['breaks a rule of the API', manifest('containers: []'), 'spec.containers: Required value'],
    ['names another node', manifest(`nodeName: pi-2, ${main}}]`), 'spec.nodeName'],
    ['needs a Secret', manifest(`${main}, envFrom: [{secretRef: {name: s}}]}]`), 'a static pod may not reference secrets: s'],
    [
      'needs a ConfigMap',
      manifest(`volumes: [{name: v, configMap: {name: c}}], ${main}}]`),
      'a static pod may not reference configmaps: c',
    ],
    ['needs a claim', manifest(`volumes: [{name: v, persistentVolumeClaim: {claimName: c}}], ${main}}]`), 'persistentvolumeclaims'],
    ['needs an account', manifest(`serviceAccountName: a, ${main}}]`), 'may not reference service accounts'],
    [
      'pretends to be a mirror',
      manifest(undefined, '{name: a, annotations: {kubernetes.io/config.mirror: x}}'),
      'kubernetes.io/config.mirror',
    ],
    ['has no name', manifest(undefined, '{namespace: default}'), 'metadata.name: Required value'],
    ['has a name that leads to another folder', manifest(undefined, '{name: ../a}'), 'metadata.name: Invalid value'],
    [
      'is in a namespace that leads to another folder',
      manifest(undefined, '{name: a, namespace: ../b}'),
      'metadata.namespace: Invalid value',
    ],
    [
      'has a uid, which may lead to another folder or be that of another pod',
      manifest(undefined, '{name: a, uid: ../../b}'),
      'metadata.uid',
    ],
    ['has a label that the API does not take', manifest(undefined, '{name: a, labels: {"!": x}}'), 'metadata.labels: Invalid value'],
    [
      'has an annotation that the API does not take',
      manifest(undefined, '{name: a, annotations: {"!": x}}'),
      'metadata.annotations: Invalid value',
    ],
    ['has a name that is too long with that of its node', manifest(undefined, `{name: ${'a'.repeat(250)}}`), 'shorten metadata.name'],
  ])('that %s is refused by name', async (_what, text, why) => {
    await expect(podOf(text)).rejects.toThrow(why)
  })
})

describe('the mirror of a static pod', () => {
  it('is the same pod, owned by its node, and has no uid of its own yet', async () => {
    const pod = await podOf(manifest())
    const { metadata, spec } = mirrorOf(pod, { name: 'pi-1', uid: 'n1' })
    expect(metadata).toEqual({
      name: 'web-pi-1',
      namespace: 'kube-system',
      labels: { app: 'web' },
      annotations: { ...pod.metadata.annotations, 'kubernetes.io/config.mirror': pod.metadata.uid },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'pi-1', uid: 'n1', controller: true }],
    })
    expect(spec).toEqual(pod.spec)
  })
})
