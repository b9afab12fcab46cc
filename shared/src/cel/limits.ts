/** What an expression and its evaluation may cost. The numbers of the first two groups are Kubernetes', which users know from its errors. */
export const celLimits = {
  /** Of one evaluation, and of all rules of an object together. */
  perCall: 1_000_000,
  perObject: 10_000_000,
  /** Of one rule at worst, and of all rules of a schema. */
  perRule: 10_000_000,
  perSchema: 100_000_000,
  /** Of the conditions on which a webhook or a policy is asked, and of all else that a policy says. */
  forConditions: 2_500_000,
  forPolicy: 10_000_000,

  /** Of an expression, in characters. */
  expressionLength: 100_000,
  /** How deep brackets, macros and operators stand within each other. */
  nesting: 250,
  /** What follows each other without brackets (`a + b + c`) is a tree as deep as it is long. */
  depth: 1000,
  /** Digits after the point that a format may ask for. */
  precision: 100,
  /** What a message from an expression may have. */
  messageLength: 5 * 1024,
} as const
