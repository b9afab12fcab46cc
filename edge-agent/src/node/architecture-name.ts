import { ownValue } from '@bramble/shared/json/own.ts'
// `uname -m`, Node's `process.arch` and the names of qemu's binfmt handlers, each in Kubernetes' (Go's) words.
const names: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
  armv8l: 'arm',
  armv7l: 'arm',
  armv6l: 'arm',
  arm: 'arm',
  i386: '386',
  i686: '386',
  ia32: '386',
  riscv64: 'riscv64',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  mips64el: 'mips64le',
  loongarch64: 'loong64',
}

/** Kubernetes' name of an architecture; a name nobody listed stays what it is. */
export const architectureName = (name: string): string => ownValue(names, name) ?? name

export const isKnownArchitecture = (name: string): boolean => Object.hasOwn(names, name)
