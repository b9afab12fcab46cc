/** What custom resources may cost the hub together. Each schema has bounds of its own (`structural/limits.ts`). */
export const limits = {
  /** Three times what the largest clusters are known to have. */
  definitions: 1000,
  /** Versions of all of them, served or not: each that is served is in discovery, OpenAPI and the table of routes. */
  versions: 3000,
  /** Of one definition: each is compared with each. */
  versionsOfOne: 100,
  /** All definitions as they are stored, in characters. */
  characters: 64 * 1024 * 1024,
  /** Of the definitions whose schemas are in memory as what objects are checked by, which is four times their text: three large operators' */
  keptCharacters: 4 * 1024 * 1024,
} as const
