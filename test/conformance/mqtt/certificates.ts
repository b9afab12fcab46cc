import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

/** A CA made with openssl, so that these tests trust nobody's code but openssl's. */
export function createTestCa() {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-mqtt-ca-'))
  cleanUpLater(() => rmSync(folder, { recursive: true, force: true }))
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString()
  const newKey = (name: string) => openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`)
  newKey('ca')
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-days', '30', '-subj', '/CN=bramble-test-ca', '-out', 'ca.crt')
  const caPem = readFileSync(join(folder, 'ca.crt'), 'utf8')
  let serial = 0

  const sign = (csrFile: string, extensions: string, days: number) => {
    serial += 1
    writeFileSync(join(folder, `${serial}.ext`), extensions)
    return openssl(
      ...['x509', '-req', '-in', csrFile, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-set_serial', String(serial)],
      ...['-days', String(days), '-extfile', `${serial}.ext`],
    )
  }

  return {
    folder,
    caPem,
    issue(subject: string, { hosts = '', days = 10 }: { hosts?: string; days?: number } = {}) {
      const name = `c${serial + 1}`
      newKey(name)
      openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`)
      const extensions = hosts === '' ? 'extendedKeyUsage=clientAuth' : `extendedKeyUsage=serverAuth\nsubjectAltName=${hosts}`
      return { key: readFileSync(join(folder, `${name}.key`), 'utf8'), certificate: sign(`${name}.csr`, extensions, days) }
    },
    signCsr(csrPem: string, days = 10) {
      const file = `r${serial + 1}.csr`
      writeFileSync(join(folder, file), csrPem)
      return sign(file, 'extendedKeyUsage=clientAuth', days)
    },
    /** What openssl says of a CSR: verifies its signature, answers its subject. */
    csrSubject(csrPem: string) {
      writeFileSync(join(folder, 'check.csr'), csrPem)
      return openssl('req', '-verify', '-in', 'check.csr', '-noout', '-subject', '-nameopt', 'RFC2253')
    },
  }
}

export type TestCa = ReturnType<typeof createTestCa>

/** After the test that called, or after the file when none did. */
function cleanUpLater(cleanUp: () => void): void {
  try {
    onTestFinished(cleanUp)
  } catch {
    afterAll(cleanUp)
  }
}
