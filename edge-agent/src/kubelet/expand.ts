const reference = /\$(\$|\(([^()]*)\))/g

/** `$(NAME)` becomes its value, `$$` a dollar sign; a name nobody knows stays as it is written. */
export const expand = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(reference, (whole, inner: string, name: string | undefined) => (inner === '$' ? '$' : (values.get(name ?? '') ?? whole)))

/** The names that the text asks for and that have no value, or an empty one. */
export const missingIn = (text: string, values: ReadonlyMap<string, string>): readonly string[] =>
  [...text.matchAll(reference)].flatMap(([, , name]) => (name === undefined || values.get(name) ? [] : [name]))
