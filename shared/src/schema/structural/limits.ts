import { maxDefinitionParts, maxObjectBytes, maxObjectParts } from '../../api/object-size.ts'

/**
 * What a schema from outside, and an object that is held to one, may cost. Both are a user's, the hub is everybody's and waits while it
 * looks at them: whatever grows with one of them has its bound here.
 */
export const limits = {
  /** A schema is no more than its whole definition may be. */
  schemaParts: maxDefinitionParts,
  /** Names and texts together, in characters: what etcd would take of the whole definition. */
  schemaCharacters: 1.5 * 1024 * 1024,
  /** Levels of JSON, of which a level of a schema is two. Deeper than definitions that embed whole pods. */
  schemaDepth: 160,
  /** All values are named in one refusal, and each is kept twice: once more as it is looked up. Time zones are 600. */
  enumValues: 5000,

  /** Of one pattern, in characters. */
  patternLength: 2048,
  /** What the braces of one pattern add up to: what is repeated a thousand times is compiled a thousand times. */
  patternRepeats: 5000,
  /** Of one pattern, in instructions of its engine. */
  patternSize: 10_000,
  /** `\pL` is hundreds of ranges that are folded and sorted one by one: as many instructions. */
  unicodeClassSize: 500,
  /** Of all patterns of a schema, whether they can be used or not: more would take seconds to compile. */
  patterns: 1000,
  patternSizes: 100_000,
  /** Of all patterns of a schema together, and of one, for what they remember of the texts that they have met. */
  patternBytes: 32 * 1024 * 1024,
  onePatternBytes: 1024 * 1024,

  /** Of all rules of a schema, in characters of their expressions: four times what the largest definitions have. */
  ruleCharacters: 256 * 1024,

  /**
   * For all checks of one object, and for all defaults of one schema. A step is about a look at one value, 0.1 to 0.2 µs on a
   * desktop; an honest object of the largest size takes a quarter of them.
   */
  steps: 1_000_000,
  /** What an object has with its defaults: as many parts as a body may have, or nobody could write it again. */
  filledParts: maxObjectParts,
  /** What defaults add to an object, in characters. */
  filledCharacters: maxObjectBytes,

  /** As many errors as are told, and one to know that there are more. */
  errors: 101,
} as const
