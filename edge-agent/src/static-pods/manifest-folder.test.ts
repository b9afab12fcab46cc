import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { createManifestFolder } from './manifest-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'manifests-'))
afterEach(() => rmSync(folder, { recursive: true }))

it('files without an end, or with too much in them, are told and keep no other from being read', async () => {
  symlinkSync('/dev/zero', join(folder, 'device'))
  symlinkSync('/proc/kmsg', join(folder, 'kernel'))
  writeFileSync(join(folder, 'large'), Buffer.alloc(4 * 1024 * 1024, 'a'))
  writeFileSync(join(folder, 'pod'), 'web')
  const read = createManifestFolder(folder, (name) => ({ metadata: { name } }) as Pod) // its name is all that counts here
  const found = await read()
  expect(found.find(({ file }) => file === 'pod')).toMatchObject({ pod: { metadata: { name: 'web' } } })
  expect(found.find(({ file }) => file === 'large')).toMatchObject({ why: expect.stringContaining('more than 3145728 bytes') })
  // A device is no file, and of the kernel's log there is never an end.
  expect(found.map(({ file }) => file)).not.toContain('device')
  expect(await read()).toHaveLength(found.length)
})
