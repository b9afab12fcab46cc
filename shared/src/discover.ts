/**
 * An open set is a folder: every file's export that `belongs` is a member, so adding one is adding a file.
 * Give it vite's eager glob import of the folder's `*.ts`: vitest and our bundler (`build/glob-plugin.mjs`)
 * both turn that into plain imports. (Written out here, it would be turned into imports as well.)
 */
export function discover<T>(modules: Readonly<Record<string, unknown>>, belongs: (value: unknown) => value is T): readonly T[] {
  return Object.keys(modules)
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
    .flatMap((path) => {
      const members = Object.values(modules[path] as Record<string, unknown>).filter(belongs) // a module namespace is such a record
      if (members.length === 0) throw new Error(`${path} is in a discovered folder but exports no member`)
      return members
    })
}

/** Members of an open set carry a mark, by which they are told from whatever else their file exports. */
export const marked =
  <T>(mark: keyof T & string) =>
  (value: unknown): value is T =>
    typeof value === 'object' && value !== null && (value as Record<string, unknown>)[mark] === true
