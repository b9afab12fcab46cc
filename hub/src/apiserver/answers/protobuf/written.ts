import type { WireType } from '@bramble/shared/protobuf/wire.ts'
import type { WireWriter } from '@bramble/shared/protobuf/wire-writer.ts'

/** Writes one value, without its tag. What is stored may be older than today's rules: what is of another type is written as nothing. */
export type Write = (writer: WireWriter, value: unknown) => void
export type Written = { readonly wireType: WireType; readonly write: Write }

export const inMessage = (write: Write): Written => ({
  wireType: 2,
  write(writer, value) {
    const start = writer.begin()
    write(writer, value)
    writer.end(start)
  },
})
