import type { Secret } from '@bramble/shared/kinds/secret.ts'
import type { RegistryAuth } from '../cri/cri.ts'

/** The credentials among the pull secrets that fit the image best, by the longest registry path; undefined for an anonymous pull. Pure. */
export function authFor(image: string, secrets: readonly Secret[]): RegistryAuth | undefined {
  const path = registryPath(image)
  const fitting = secrets
    .flatMap(entriesOf)
    .map(([key, entry]) => [normal(key), entry] as const)
    .filter(([key]) => path === key || path.startsWith(`${key}/`) || path.startsWith(`${key}:`))
    .sort(([a], [b]) => b.length - a.length)
  return fitting[0]?.[1]
}

/** `busybox:1` → `docker.io/library/busybox:1`. */
function registryPath(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (hasRegistry) return image
  return rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`
}

// docker login writes Docker Hub under the address of its first version.
const normal = (key: string) =>
  key
    .replace(/^https?:\/\//, '')
    .replace(/\/(v[12]\/?)?$/, '')
    .replace(/^(index|registry-1)\.docker\.io/, 'docker.io')

function entriesOf({ data = {} }: Secret): readonly (readonly [string, RegistryAuth])[] {
  const modern = parse(data['.dockerconfigjson'])['auths']
  const auths = isRecord(modern) ? modern : parse(data['.dockercfg'])
  return Object.entries(auths).flatMap(([key, value]) => {
    if (!isRecord(value)) return []
    const text = (name: string) => (typeof value[name] === 'string' ? value[name] : undefined)
    return [
      [key, { username: text('username'), password: text('password'), auth: text('auth'), identityToken: text('identitytoken') }] as const,
    ]
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parse(base64: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64 ?? '', 'base64').toString())
    return isRecord(value) ? value : {}
  } catch {
    return {} // the pull is tried without; the registry's refusal tells the user
  }
}
