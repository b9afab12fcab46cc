import { existsSync, readFileSync } from 'node:fs'
import { createSqliteCache } from '../../../edge-agent/src/cache/sqlite-cache.ts'
import { createCredentialStore } from '../../../edge-agent/src/link/identity/credentials.ts'
import { pods, pathOf, secrets } from '../../../edge-agent/src/resources.ts'
import { openCa } from '../../../hub/src/identity/authority/ca.ts'
import { openAdminKubeconfig } from '../../../hub/src/identity/own/kubeconfig.ts'
import { openSecretKeys } from '../../../hub/src/identity/secret-keys.ts'
import { openServing } from '../../../hub/src/identity/own/serving.ts'
import { signing } from '../../../hub/src/identity/authority/signing.ts'
import { groupCommit } from '../../../hub/src/store/disk/group-commit.ts'
import { createStore } from '../../../hub/src/store/mvcc.ts'
import { sealedDisk } from '../../../hub/src/store/disk/sealed-disk.ts'
import { inThreadSqliteDisk } from '../../../hub/src/store/sqlite/in-thread-disk.ts'
import { systemClock as clock } from '../../../shared/src/clock.ts'
import type { KubeObject, Resource } from '../../../shared/src/api/client.ts'
import { createLog } from '../../../shared/src/logging/log.ts'
import type { Expected } from './diary.ts'
import type { StartAgain } from './power-cuts.ts'
import type { Role } from './record-life.ts'
import { hubSource } from '../../../edge-agent/src/link/sync/hub-source.ts'

export const startAgain: Readonly<Record<Role, StartAgain>> = { hub: startHub, agent: startAgent }

async function startHub(home: string, expected: Expected): Promise<void> {
  const dir = `${home}/hub/pki`
  const { keys } = openSecretKeys(`${dir}/secrets.key`)
  const isSealed = (key: string) => key.startsWith('/core/secrets/')
  const store = await createStore({
    log: groupCommit({ disk: sealedDisk({ disk: inThreadSqliteDisk({ path: `${home}/hub/store.db` }), isSealed, keys }) }),
  })
  try {
    for (const name of expected.names('/core/')) expected.check(name, store.get(name)?.value ?? null)
    for (const scope of ['/core/pods/', '/core/secrets/'])
      for (const { key, value } of store.list(scope).entries) expected.check(key, value)
    const { disk } = store.mark()
    if (disk < expected.revision) throw new Error(`revisions went back: ${expected.revision} was acknowledged, the store begins at ${disk}`)
    const { type } = await store.create('/core/pods/a/after', 'the cut')
    if (type !== 'written') throw new Error('nothing can be written any more')
  } finally {
    await store.close()
  }
  const ca = await openCa({ dir, signer: signing, clock })
  if (expected.names('ca').length > 0) expected.check('ca', ca.caHash)
  await openServing({ dir, ca, clock, hosts: () => ['hub-6443.local'], serviceAddress: '10.43.0.1' })
  const kubeconfig = `${home}/kubeconfig`
  const server = existsSync(kubeconfig) ? (/server: (\S+)\n/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? 'torn') : null
  expected.check('kubeconfig', server)
  await openAdminKubeconfig({ dir, path: kubeconfig, ca, clock, server: 'https://127.0.0.1:6443' })
}

async function startAgent(home: string, expected: Expected): Promise<void> {
  const dir = `${home}/agent`
  const warnings: string[] = []
  const cache = createSqliteCache({ folder: dir, clock, log: createLog({ level: 'warn', write: (line) => warnings.push(line) }) })
  try {
    if (warnings.length > 0) throw new Error(`the cache did not come back as it was: ${warnings.join(' ').trim()}`)
    const textOf = (object: KubeObject | undefined) => (object as { data?: { text?: string } } | undefined)?.data?.text ?? null
    const check = <T extends KubeObject>(type: string, resource: Resource<T>) => {
      for (const name of expected.names(`${type}/`)) {
        const key = { namespace: 'default', name: name.slice(type.length + 1) }
        const object = cache.get(resource, key)
        expected.check(name, textOf(object))
        if (type === 'secret' && hubSource(cache).hasSynced(pathOf(resource, key)) !== (object !== undefined))
          throw new Error(`the scope of ${name} does not fit its object`)
      }
      for (const object of cache.list(resource)) expected.check(`${type}/${object.metadata.name}`, textOf(object))
    }
    check('pod', pods)
    check('secret', secrets)
    expected.check('fact', (cache.facts.get('fact') as string | undefined) ?? null)
    cache.facts.set('fact', 'after the cut')
  } finally {
    cache.close()
  }
  expected.check('certificate', createCredentialStore(`${dir}/pki`).current()?.certificate.trim() ?? null)
}
