import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCa } from './ca.ts'
import { createSignerThread } from './signer.ts'

let folder: string
let worker: URL
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'identity-'))
  const outfile = join(folder, 'signer-worker.mjs')
  await build({
    entryPoints: [new URL('signer-worker.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  })
  worker = pathToFileURL(outfile)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the signer thread', () => {
  it('signs, refuses as the signer itself does, and starts again after it has ended', async () => {
    const clock = { now: () => Date.UTC(2026, 10, 23), monotonic: () => 0 }
    const signer = createSignerThread({ worker, idleMs: 0 })
    const ca = await openCa({ dir: join(folder, 'pki'), signer, clock })
    const subject = { commonName: 'x', organizations: ['a', 'b'] }
    const pairs = await Promise.all([ca.issueClient(subject), ca.issueClient(subject)])
    for (const { certPem } of pairs) expect(new X509Certificate(certPem).subject).toBe('O=a\nO=b\nCN=x')
    await expect(ca.signCsr('nonsense', subject)).rejects.toMatchObject({ name: 'ApiError', reason: 'Invalid' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(new X509Certificate((await ca.issueClient(subject)).certPem).subject).toBe('O=a\nO=b\nCN=x')
  })

  it('signs what is asked for while the thread before is on its way out', async () => {
    const clock = { now: () => Date.UTC(2026, 10, 23), monotonic: () => 0 }
    const signer = createSignerThread({ worker, idleMs: 0 })
    const ca = await openCa({ dir: join(folder, 'pki'), signer, clock })
    for (let turn = 0; turn < 8; turn++) {
      await ca.issueClient({ commonName: 'x', organizations: [] })
      // The timer that ends the thread is due, and its end is heard of some turns later.
      const over = new Promise((resolve) => setTimeout(resolve, 0))
      await over
      for (let wait = 0; wait < turn; wait++) await new Promise((resolve) => setImmediate(resolve))
      const { certPem } = await ca.issueClient({ commonName: 'y', organizations: [] })
      expect(new X509Certificate(certPem).subject).toBe('CN=y')
    }
  })

  it('fails what was asked when the thread cannot start', async () => {
    const signer = createSignerThread({ worker: pathToFileURL(join(folder, 'missing.mjs')) })
    await expect(
      signer.signRoot({ commonName: 'x', keyPem: '', validity: { notBefore: new Date(), notAfter: new Date() } }),
    ).rejects.toThrow(/^the signer failed: /)
  })
})
