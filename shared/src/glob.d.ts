interface ImportMeta {
  /** Eager glob import, resolved by vitest and by build/glob-plugin.mjs; see `discover`. */
  glob(pattern: string | readonly string[], options: { eager: true }): Record<string, unknown>
}
