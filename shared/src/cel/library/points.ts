/** Whether each unit of a text is a character. */
export const isPlain = (text: string): boolean => !/[\ud800-\udfff]/.test(text)

/** The characters of a text, as people and Go count them: a pair of surrogates is one. */
export const pointsOf = (text: string): readonly string[] => (isPlain(text) ? text.split('') : Array.from(text))
