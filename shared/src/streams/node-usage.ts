import * as z from 'zod/mini'

const amount = z.number().check(z.nonnegative(), z.lte(Number.MAX_SAFE_INTEGER))
const name = z.string().check(z.maxLength(253))
const used = { cpuNanoCores: amount, memoryBytes: amount }
const schema = z.object({
  /** Over so long the CPU's use is a mean of. */
  windowMs: amount,
  node: z.object(used),
  pods: z
    .array(
      z.object({
        uid: name,
        containers: z.array(z.object({ name, ...used })).check(z.maxLength(200)),
      }),
    )
    .check(z.maxLength(2000)),
})

/** What a node and its pods use, as its agent says. */
export type NodeUsage = z.infer<typeof schema>

/** More than two thousand pods say. */
export const maxUsageBytes = 2 * 1024 * 1024

/** Throws for what is none: a node may say anything. */
export const readUsage = (bytes: Uint8Array): NodeUsage =>
  schema.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()))
