/** One value, or one for each combination of labels. Values that are undefined are left out. */
export type Metric = { readonly name: string; readonly help: string; readonly type?: 'counter' | 'gauge' } & (
  | { readonly value: number | undefined }
  | { readonly by: readonly (readonly [labels: Readonly<Record<string, string>>, value: number | undefined])[] }
)

/** A metric in the text format 0.0.4 of Prometheus. */
export function metricText(metric: Metric): string {
  const { name, help, type = 'gauge' } = metric
  const all = 'by' in metric ? metric.by : ([[{}, metric.value]] as const)
  const lines = all.flatMap(([labels, value]) => (value === undefined ? [] : [`${name}${braced(labelsText(labels))} ${value}\n`]))
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

export const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`)
    .join(',')

export const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`)
