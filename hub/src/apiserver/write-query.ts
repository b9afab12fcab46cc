import { badRequest } from '@bramble/shared/api-error.ts'

/** Whether this write is only tried. The only value that exists is `All`. */
export function isDryRun(values: readonly string[]): boolean {
  for (const value of values)
    if (value !== 'All' && value !== '') throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`)
  return values.includes('All')
}
