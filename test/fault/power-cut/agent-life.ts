import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteCache } from '../../../edge-agent/src/cache/sqlite-cache.ts'
import { createCredentialStore } from '../../../edge-agent/src/link/identity/credentials.ts'
import { pods, pathOf, secrets } from '../../../edge-agent/src/resources.ts'
import { openCa } from '../../../hub/src/identity/authority/ca.ts'
import { signing } from '../../../hub/src/identity/authority/signing.ts'
import { systemClock as clock } from '../../../shared/src/clock.ts'
import { silentLog } from '../../../shared/src/logging/log.ts'
import { diary, rolling } from './diary.ts'
import { hubSource } from '../../../edge-agent/src/link/sync/hub-source.ts'

/** The files of an agent, used as the agent uses them. */
const [, , folder = '', , seed = '1'] = process.argv
const { trying, acknowledged } = diary(folder)
const random = rolling(Number(seed))
const dir = `${folder}/agent`
mkdirSync(dir, { recursive: true, mode: 0o700 })

const caDir = mkdtempSync(join(tmpdir(), 'power-cut-ca-'))
const ca = await openCa({ dir: caDir, signer: signing, clock })
const object = (kind: string, name: string, version: string, text: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'default', uid: name, resourceVersion: version },
  data: { text },
})

for (let life = 0; life < 3; life++) {
  const cache = createSqliteCache({ folder: dir, clock, log: silentLog })
  const { certPem, keyPem } = await ca.issueClient({ commonName: 'system:node:pi', organizations: ['system:nodes'] })
  trying('certificate', certPem.trim())
  createCredentialStore(`${dir}/pki`).replace({ node: 'pi', key: keyPem, certificate: certPem, ca: ca.caPem })
  acknowledged('certificate', certPem.trim())
  if (life === 0) hubSource(cache).replace('pods', pods, [], '1')
  for (let i = 0; i < 60; i++) {
    const version = `${life * 1000 + i + 2}`
    const name = `o${Math.floor(random() * 10)}`
    const text = `${version}-${'x'.repeat(Math.floor(random() ** 4 * 30_000))}`
    const isPod = random() < 0.6
    const key = `${isPod ? 'pod' : 'secret'}/${name}`
    const isDelete = random() < 0.2
    trying(key, isDelete ? null : text)
    if (isPod) {
      const deletes = isDelete ? [{ namespace: 'default', name }] : []
      const puts = isDelete ? [] : [object('Pod', name, version, text)]
      hubSource(cache).apply({ scope: 'pods', resource: pods, puts, deletes, resourceVersion: version })
    } else {
      const scope = pathOf(secrets, { namespace: 'default', name })
      if (isDelete) hubSource(cache).forget(scope)
      else hubSource(cache).replace(scope, secrets, [object('Secret', name, version, text)], version)
    }
    acknowledged(key, isDelete ? null : text, Number(version))
    trying('fact', version)
    cache.facts.set('fact', version)
    acknowledged('fact', version)
  }
  cache.close()
}
rmSync(caDir, { recursive: true })
