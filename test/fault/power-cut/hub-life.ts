import { mkdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock as clock } from '../../../shared/src/clock.ts'
import { openCa } from '../../../hub/src/identity/authority/ca.ts'
import { openAdminKubeconfig } from '../../../hub/src/identity/own/kubeconfig.ts'
import { openSecretKeys } from '../../../hub/src/identity/secret-keys.ts'
import { openServing } from '../../../hub/src/identity/own/serving.ts'
import { signing } from '../../../hub/src/identity/authority/signing.ts'
import { groupCommit } from '../../../hub/src/store/disk/group-commit.ts'
import { createStore } from '../../../hub/src/store/mvcc.ts'
import { sealedDisk } from '../../../hub/src/store/disk/sealed-disk.ts'
import { sqliteDisk } from '../../../hub/src/store/sqlite/sqlite-disk.ts'
import { diary, rolling } from './diary.ts'

/** The files of a hub, used as the hub uses them; says in the diary what it is about to write and what was acknowledged. */
const [, , home = '', worker = '', seed = '1'] = process.argv
const { trying, acknowledged } = diary(home)
const random = rolling(Number(seed))
const dir = `${home}/hub/pki`
mkdirSync(dir, { recursive: true, mode: 0o700 })

const open = () =>
  createStore({
    log: groupCommit({
      disk: sealedDisk({
        disk: sqliteDisk({ path: `${home}/hub/store.db`, worker: new URL(worker) }),
        isSealed: (key) => key.startsWith('/core/secrets/'),
        keys: openSecretKeys(`${dir}/secrets.key`).keys,
      }),
    }),
  })

const identity = async (port: number) => {
  const ca = await openCa({ dir, signer: signing, clock })
  acknowledged('ca', ca.caHash)
  await openServing({ dir, ca, clock, hosts: () => [`hub-${port}.local`], serviceAddress: '10.43.0.1' })
  const server = `https://127.0.0.1:${port}`
  trying('kubeconfig', server)
  await openAdminKubeconfig({ dir, path: `${home}/kubeconfig`, ca, clock, server })
  acknowledged('kubeconfig', server)
}

for (let life = 0; life < 3; life++) {
  const store = await open()
  await identity(6443 + life)
  const write = async (writer: number) => {
    const base = writer % 2 === 0 ? '/core/pods/a' : '/core/secrets/a'
    for (let i = 0; i < 25; i++) {
      const key = `${base}/${writer}-${Math.floor(random() * 8)}`
      const current = store.get(key)
      const isDelete = current !== undefined && random() < 0.3
      const value = isDelete ? null : `${life}-${writer}-${i}-${'x'.repeat(Math.floor(random() ** 4 * 60_000))}`
      trying(key, value)
      const result = isDelete
        ? await store.delete(key, current.revision)
        : current
          ? await store.update(key, value ?? '', current.revision)
          : await store.create(key, value ?? '')
      if (result.type !== 'written') throw new Error(`${key} was written by somebody else`)
      acknowledged(key, value, result.entry.revision)
    }
  }
  await Promise.all([0, 1, 2, 3].map(write))
  await store.compact(store.mark())
  await pause(700) // a hub at rest moves its write-ahead log into the file
  await Promise.all([0, 1].map(write))
  await store.close()
}
