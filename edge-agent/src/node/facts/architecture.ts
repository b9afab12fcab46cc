import { architectureName } from '../architecture-name.ts'
import { defineFact } from '../fact.ts'

/**
 * Two architectures: a Raspberry Pi OS of 32 bits runs on a 64-bit kernel, where `uname -m` says aarch64 and every program
 * is armhf. What runs natively is told by our own process, which came with the system.
 */
export const architecture = defineFact({
  name: 'architecture',
  read: ({ processArch, machine }) => ({ architecture: architectureName(processArch), kernelArchitecture: architectureName(machine) }),
})
