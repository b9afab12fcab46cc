// Also what `ws`, the client of our benchmarks, asks the package `bufferutil` for, which is native and does not come with it: bundles have this in its place
// (`shared/build/bundle.mjs`). Its own way goes byte by byte.

/** Unmasks in place (RFC 6455, section 5.3), four bytes at a time. */
export function unmask(buffer: Uint8Array, mask: Uint8Array): void {
  const byte = (index: number) => mask[index & 3] ?? 0
  const lead = buffer.length < 8 ? buffer.length : -buffer.byteOffset & 3
  for (let index = 0; index < lead; index += 1) buffer[index] = (buffer[index] ?? 0) ^ byte(index)
  if (lead === buffer.length) return
  const words = new Int32Array(buffer.buffer, buffer.byteOffset + lead, (buffer.length - lead) >>> 2)
  // In the order in which the bytes lie in memory, whichever that is.
  const [word = 0] = new Int32Array(Uint8Array.of(byte(lead), byte(lead + 1), byte(lead + 2), byte(lead + 3)).buffer)
  for (let index = 0; index < words.length; index += 1) words[index] = (words[index] as number) ^ word
  for (let index = lead + words.length * 4; index < buffer.length; index += 1) buffer[index] = (buffer[index] ?? 0) ^ byte(index)
}

/** The same for what is sent: `length` bytes of `source` into `output` from `offset` on. */
export function mask(source: Uint8Array, maskOf: Uint8Array, output: Uint8Array, offset: number, length: number): void {
  const masked = output.subarray(offset, offset + length)
  masked.set(source.subarray(0, length))
  unmask(masked, maskOf)
}
