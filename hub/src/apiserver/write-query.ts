import { invalid } from '@bramble/shared/api-error.ts'

type Options = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

/** Whether this write is only tried. The only value that exists is `All`; given without one, nobody knows what was wanted. */
export function isDryRun(values: readonly string[], options: Options): boolean {
  if (values.some((value) => value !== 'All')) {
    const found = `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`
    const message = `Unsupported value: ${found}: supported values: "All"`
    throw invalid({ group: 'meta.k8s.io', kind: options, resource: '' }, '', [
      { reason: 'FieldValueNotSupported', field: 'dryRun', message },
    ])
  }
  return values.length > 0
}
