export const bothIn = (some: readonly string[], others: readonly string[]): readonly string[] => some.filter((one) => others.includes(one))

/** Of a token that is for nobody who asks, as Go prints it. */
export const forOthers = (its: readonly string[], asked: readonly string[]): string =>
  `token audiences ${quoted(its)} is invalid for the target audiences ${quoted(asked)}`

const quoted = (texts: readonly string[]) => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
