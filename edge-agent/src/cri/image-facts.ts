import { isObject } from '@bramble/shared/json/is-object.ts'
import { parseObject } from '@bramble/shared/json/parse-object.ts'

/** Platform and user from the JSON that runtimes put into `ImageStatus(verbose).info["info"]`: `{ imageSpec: <OCI image configuration> }`. */
export function imageFacts(info: string | undefined): { platform?: string; user?: string } {
  const spec = parseObject(info)?.['imageSpec']
  if (!isObject(spec)) return {}
  const { os, architecture, variant, config } = spec
  const platform =
    typeof os === 'string' && typeof architecture === 'string'
      ? [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
      : undefined
  const user = isObject(config) && typeof config['User'] === 'string' ? config['User'] : undefined
  return { platform, user }
}
