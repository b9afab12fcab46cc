/** `$(NAME)` becomes its value, `$$` a dollar sign; a name nobody knows stays as it is written. */
export const expand = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(/\$(\$|\(([^()]*)\))/g, (whole, inner: string, name: string | undefined) =>
    inner === '$' ? '$' : (values.get(name ?? '') ?? whole),
  )
