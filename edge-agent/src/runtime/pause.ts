/**
 * The program that holds a pod's namespaces open. It ignores SIGCHLD, so the kernel reaps what is left to it when the pod
 * shares a process namespace, and then sleeps for ever. Made here, byte by byte, so that no board needs a registry for it.
 */
export type PauseArchitecture = 'amd64' | 'arm64' | 'arm'

// rt_sigaction(SIGCHLD, { SIG_IGN }, 0, 8); for (;;) pause() - with the struct behind the code. Position independent.
const programs: Readonly<Record<PauseArchitecture, { machine: number; bits: 32 | 64; flags: number; code: string }>> = {
  amd64: {
    machine: 0x3e,
    bits: 64,
    flags: 0,
    code:
      'b80d000000' + // mov eax, 13 (rt_sigaction)
      'bf11000000' + // mov edi, 17 (SIGCHLD)
      '488d3517000000' + // lea rsi, [act]
      '31d2' + // xor edx, edx
      '41ba08000000' + // mov r10d, 8 (size of the mask)
      '0f05' + // syscall
      'b822000000' + // mov eax, 34 (pause)
      '0f05ebf7' + // syscall; jmp back
      '0f1f4000' + // padding
      `01${'00'.repeat(31)}`, // act: SIG_IGN
  },
  arm64: {
    machine: 0xb7,
    bits: 64,
    flags: 0,
    code:
      'c81080d2200280d281010010020080d2030180d2010000d4' + // rt_sigaction (134)
      '280980d2000080d2010080d2020080d2030080d2040080d2010000d4f9ffff17' + // ppoll (73) without descriptors; b back
      `01${'00'.repeat(31)}`,
  },
  arm: {
    machine: 0x28,
    bits: 32,
    flags: 0x0500_0400, // EABI 5, hard float
    code:
      'ae70a0e31100a0e318108fe20020a0e30830a0e3000000ef' + // rt_sigaction (174)
      '1d70a0e3000000effcffffea' + // pause (29); b back
      '00f020e3' + // padding
      `01${'00'.repeat(19)}`,
  },
}

const loadAddress = 0x1_0000

/** A static ELF executable of a few hundred bytes. */
export function pauseProgram(architecture: PauseArchitecture): Buffer {
  const { machine, bits, flags, code } = programs[architecture]
  const text = Buffer.from(code, 'hex')
  const wide = bits === 64
  const headerSize = wide ? 64 : 52
  const programHeaderSize = wide ? 56 : 32
  const offset = headerSize + programHeaderSize
  const file = Buffer.alloc(offset + text.length)

  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1], 0) // \x7fELF, class, little-endian, version
  file.writeUInt16LE(2, 16) // ET_EXEC
  file.writeUInt16LE(machine, 18)
  file.writeUInt32LE(1, 20)
  const word = (at: number, value: number) => (wide ? file.writeBigUInt64LE(BigInt(value), at) : file.writeUInt32LE(value, at))
  word(24, loadAddress + offset) // entry
  word(wide ? 32 : 28, headerSize) // program headers
  file.writeUInt32LE(flags, wide ? 48 : 36)
  file.writeUInt16LE(headerSize, wide ? 52 : 40)
  file.writeUInt16LE(programHeaderSize, wide ? 54 : 42)
  file.writeUInt16LE(1, wide ? 56 : 44)

  const segment = headerSize
  file.writeUInt32LE(1, segment) // PT_LOAD, the whole file
  file.writeUInt32LE(5, segment + (wide ? 4 : 24)) // readable, executable
  word(segment + (wide ? 16 : 8), loadAddress)
  word(segment + (wide ? 24 : 12), loadAddress)
  word(segment + (wide ? 32 : 16), file.length)
  word(segment + (wide ? 40 : 20), file.length)
  word(segment + (wide ? 48 : 28), 0x1_0000) // the largest page size there is: 64 KiB
  file.set(text, offset)
  return file
}
