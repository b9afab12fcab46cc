// An operator as people write it, with the official JavaScript client: `Beacon`s each have a ConfigMap, and a line in the ledger when they
// have gone. One of several such processes is the leader. What it cannot do now it does again a moment later, for as long as it takes.
import * as k8s from '@kubernetes/client-node'
import { definition, group, names, version } from './beacon.mjs'

const identity = process.argv[2] ?? 'operator'
const retryMs = 200
const leaseMs = 2_000
const finalizer = `${group}/ledger`

const config = new k8s.KubeConfig()
config.loadFromDefault()
const core = config.makeApiClient(k8s.CoreV1Api)
const leases = config.makeApiClient(k8s.CoordinationV1Api)
const custom = config.makeApiClient(k8s.CustomObjectsApi)
const definitions = config.makeApiClient(k8s.ApiextensionsV1Api)

const applying = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply)
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (what, error) => process.stdout.write(`${identity}: ${what}${error === undefined ? '' : ` (${error.code ?? error.message})`}\n`)

/** The definition is there and its names are taken. */
async function define() {
  await definitions.createCustomResourceDefinition({ body: definition }).catch((error) => {
    if (error.code !== 409) throw error
  })
  for (;;) {
    const { status } = await definitions.readCustomResourceDefinition({ name: definition.metadata.name })
    if (status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')) return
    await pause(retryMs)
  }
}

const place = { namespace: 'default', name: 'beacon-operator' }
let leads = false
let known = { version: '', at: 0 }
let renewedAt = -Infinity

/** Takes the lease, or keeps it; as client-go does, another's is over when it has not changed for its time by our own clock. */
async function elect() {
  const now = new k8s.V1MicroTime()
  const spec = { holderIdentity: identity, leaseDurationSeconds: leaseMs / 1000, renewTime: now }
  try {
    const lease = await leases.readNamespacedLease(place)
    if (lease.metadata.resourceVersion !== known.version) known = { version: lease.metadata.resourceVersion, at: performance.now() }
    const holder = lease.spec?.holderIdentity
    if (holder !== identity && holder && performance.now() - known.at < leaseMs) return false
    const acquireTime = holder === identity ? lease.spec.acquireTime : now
    const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + (holder === identity ? 0 : 1)
    await leases.replaceNamespacedLease({ ...place, body: { ...lease, spec: { ...spec, acquireTime, leaseTransitions } } })
  } catch (error) {
    if (error.code !== 404) throw error
    await leases.createNamespacedLease({
      namespace: place.namespace,
      body: { metadata: { name: place.name }, spec: { ...spec, acquireTime: now, leaseTransitions: 0 } },
    })
  }
  return true
}

async function keepElecting() {
  for (;;) {
    try {
      if (await elect()) renewedAt = performance.now()
      else renewedAt = -Infinity
    } catch (error) {
      say('no lease', error)
    }
    const led = leads
    leads = performance.now() - renewedAt < leaseMs
    if (leads !== led) say(leads ? 'leads' : 'leads no more')
    if (leads && !led) for (const object of informer.list()) enqueue(object)
    await pause(retryMs)
  }
}

const waiting = new Map()
const enqueue = ({ metadata: { namespace, name } }) => void waiting.set(`${namespace}/${name}`, { namespace, name })

const informer = k8s.makeInformer(config, `/apis/${group}/${version}/${names.plural}`, () =>
  custom.listCustomObjectForAllNamespaces({ group, version, plural: names.plural }),
)
informer.on('add', enqueue)
informer.on('update', enqueue)
informer.on('delete', enqueue)
informer.on('error', (error) => {
  say('watch ended', error)
  setTimeout(() => informer.start(), retryMs)
})

async function reconcile({ namespace, name }) {
  const at = { group, version, plural: names.plural, namespace, name }
  const seen = informer.get(name, namespace)
  if (seen === undefined) return
  if (seen.metadata.deletionTimestamp !== undefined) {
    if (!seen.metadata.finalizers?.includes(finalizer)) return
    const ledger = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ledger', namespace }, data: { [name]: 'gone' } }
    await core.patchNamespacedConfigMap({ name: 'ledger', namespace, body: ledger, fieldManager: `beacon-${name}`, force: true }, applying)
    const finalizers = seen.metadata.finalizers.filter((each) => each !== finalizer)
    await custom.replaceNamespacedCustomObject({ ...at, body: { ...seen, metadata: { ...seen.metadata, finalizers } } })
    return
  }
  if (!seen.metadata.finalizers?.includes(finalizer)) {
    const finalizers = [...(seen.metadata.finalizers ?? []), finalizer]
    await custom.replaceNamespacedCustomObject({ ...at, body: { ...seen, metadata: { ...seen.metadata, finalizers } } })
    return
  }
  const { apiVersion, kind } = seen
  const owner = { apiVersion, kind, name, uid: seen.metadata.uid, controller: true, blockOwnerDeletion: true }
  const own = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { text: seen.spec.text } },
    metadata: { name: `${name}-beacon`, namespace, ownerReferences: [owner] },
  }
  await core.patchNamespacedConfigMap({ name: own.metadata.name, namespace, body: own, fieldManager: 'beacon', force: true }, applying)
  const { generation } = seen.metadata
  if (seen.status?.observedGeneration === generation) return
  const condition = { type: 'Ready', status: 'True', reason: 'Shown', message: '', lastTransitionTime: new Date().toISOString() }
  const status = { observedGeneration: generation, by: identity, conditions: [condition] }
  await custom.replaceNamespacedCustomObjectStatus({ ...at, body: { ...seen, status } })
}

async function work() {
  for (;;) {
    const [next] = waiting
    if (next === undefined || !leads) {
      await pause(20)
      continue
    }
    const [key, object] = next
    waiting.delete(key)
    try {
      await reconcile(object)
    } catch (error) {
      say(`again: ${key}`, error)
      await pause(retryMs)
      enqueue({ metadata: object })
    }
  }
}

await define()
await informer.start()
await Promise.all([keepElecting(), work()])
