// Lets this machine run arm64 programs through QEMU, for the test of a foreign image. `F` opens the emulator now, so that
// it works inside containers too.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'

const folder = '/proc/sys/fs/binfmt_misc'
const emulator = '/usr/bin/qemu-aarch64-static'

/** Answers whether arm64 programs run here now. */
export function ensureArm64Emulation() {
  if (process.arch === 'arm64') return true
  if (!existsSync(`${folder}/register`)) spawnSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder])
  if (existsSync(`${folder}/qemu-aarch64`)) return true
  if (!existsSync(`${folder}/register`) || !existsSync(emulator)) return false
  const magic = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`
  const mask = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`
  writeFileSync(`${folder}/register`, `:qemu-aarch64:M::${magic}:${mask}:${emulator}:F`)
  return existsSync(`${folder}/qemu-aarch64`)
}
