import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startTestHub } from '../harness/hub.ts'

it('only its owner can read what a hub keeps', async () => {
  await using hub = await startTestHub()
  await hub.kubectl(['create', 'secret', 'generic', 'one', '--from-literal=a=b'])
  const folder = join(hub.home, 'hub')
  const kept = [folder, hub.kubeconfig, ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))]
  expect(kept.map((path) => path.slice(hub.home.length + 1))).toEqual(
    expect.arrayContaining([
      'hub/store.db',
      'hub/pki',
      'hub/pki/ca.key',
      'hub/pki/ca.crt',
      'hub/pki/secrets.key',
      'hub/pki/service-accounts.key',
    ]),
  )
  for (const path of kept) {
    const stat = lstatSync(path)
    expect((stat.mode & 0o777).toString(8), path).toBe(stat.isDirectory() ? '700' : '600')
    expect(stat.uid, path).toBe(process.getuid?.())
  }
})
