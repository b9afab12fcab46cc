import { describe, expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

const ingressApi = '/apis/networking.k8s.io/v1'
const ingress = (name: string, extra: object = {}, annotations: object = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, annotations },
  spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } }, ...extra },
})
const claim = (name: string, extra: object = {}, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, annotations },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...extra },
})
const ingressClass = (name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
  spec: { controller: 'example.com/c' },
})
const storageClass = (name: string) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'example.com/p',
})

const kinds = [
  {
    what: 'an Ingress',
    classes: `${ingressApi}/ingressclasses`,
    classOf: ingressClass,
    url: `${ingressApi}/namespaces/default/ingresses`,
    make: ingress,
    field: 'ingressClassName',
    annotation: 'kubernetes.io/ingress.class',
  },
  {
    what: 'a claim',
    classes: '/apis/storage.k8s.io/v1/storageclasses',
    classOf: storageClass,
    url: '/api/v1/namespaces/default/persistentvolumeclaims',
    make: claim,
    field: 'storageClassName',
    annotation: 'volume.beta.kubernetes.io/storage-class',
  },
] as const

describe.each(kinds)('$what that names no class', ({ classes, classOf, url, make, field, annotation }) => {
  it('is of none when none is the default, and of the newest default then', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const clock = { now: () => now, monotonic: () => now, after: () => () => {} }
    const { json } = await createTestApi({ clock: clock as never }) // only tells the time
    const classIn = async (name: string, extra: object = {}, annotations: object = {}) =>
      (await json('POST', url, { body: make(name, extra, annotations) })).body.spec[field]
    expect(await classIn('a')).toBeUndefined()
    await json('POST', classes, { body: classOf('old') })
    expect(await classIn('b')).toBe('old')
    now += 1000
    await json('POST', classes, { body: classOf('b-new') })
    await json('POST', classes, { body: classOf('a-new') })
    expect(await classIn('c')).toBe('a-new')
    expect(await classIn('d', { [field]: 'other' })).toBe('other')
    expect(await classIn('e', {}, { [annotation]: 'mine' })).toBeUndefined()
    // What was given none keeps it.
    const first = await json('GET', `${url}/a`)
    expect((await json('PUT', `${url}/a`, { body: first.body })).body.spec[field]).toBeUndefined()
  })
})

it('a claim that wants no class is given none', async () => {
  const { json } = await createTestApi()
  await json('POST', '/apis/storage.k8s.io/v1/storageclasses', { body: storageClass('s') })
  const body = claim('c', { storageClassName: '' })
  expect((await json('POST', '/api/v1/namespaces/default/persistentvolumeclaims', { body })).body.spec.storageClassName).toBe('')
})
