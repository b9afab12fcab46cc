/** Platform and user from the JSON that runtimes put into `ImageStatus(verbose).info["info"]`: `{ imageSpec: <OCI image configuration> }`. */
export function imageFacts(info: string | undefined): { platform?: string; user?: string } {
  const spec = parse(info)?.['imageSpec']
  if (!isRecord(spec)) return {}
  const { os, architecture, variant, config } = spec
  const platform =
    typeof os === 'string' && typeof architecture === 'string'
      ? [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
      : undefined
  const user = isRecord(config) && typeof config['User'] === 'string' ? config['User'] : undefined
  return { platform, user }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parse(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // a runtime that says it in its own words tells us nothing here
  }
}
