import { isObject } from '@bramble/shared/json/is-object.ts'
import { parseObject } from '@bramble/shared/json/parse-object.ts'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import type { RegistryAuth } from '../../cri/cri.ts'

/** The credentials among the pull secrets that fit the image, in the order in which they are tried: the longest registry path first. Pure. */
export function authsFor(image: string, secrets: Iterable<Secret>): readonly RegistryAuth[] {
  const wanted = placeOf(fullName(image))
  const fitting: { readonly key: Place; readonly auth: RegistryAuth }[] = []
  for (const secret of secrets)
    for (const [name, auth] of entriesOf(secret)) {
      const key = placeOf(normal(name))
      if (fits(key, wanted)) fitting.push({ key, auth })
    }
  const inOrder = fitting
    .sort(({ key: a }, { key: b }) => b.path.length - a.path.length || literal(b) - literal(a))
    .map(({ auth }) => [JSON.stringify(auth), auth] as const)
  return [...new Map(inOrder).values()].slice(0, mostTried)
}

// A secret of a megabyte has room for thousands that fit; each is a question to the registry.
const mostTried = 32

type Place = { readonly host: string; readonly port: string; readonly path: string }

/** `reg.example.com:5000/team` apart. */
function placeOf(text: string): Place {
  const [, host = '', port = '', path = ''] = /^([^/:]*)(?::([^/]*))?(?:\/(.*))?$/.exec(text) ?? []
  return { host, port, path }
}

/** As the kubelet's keyring: the port is the same, `*` stands for a part of the host's name, the path is at or above the image's. */
function fits(key: Place, image: Place): boolean {
  const [parts, wanted] = [key.host.split('.'), image.host.split('.')]
  const isHost = parts.length === wanted.length && parts.every((part, index) => matchesGlob(part, wanted[index] ?? ''))
  return isHost && key.port === image.port && (key.path === '' || [image.path, ...prefixesOf(image.path)].includes(key.path))
}

/** `*` is any text and `?` any character. In one pass: whoever may write a Secret may write a pattern that a regular expression never ends with. */
function matchesGlob(pattern: string, text: string): boolean {
  let [p, t] = [0, 0]
  /** The last `*`, and how much of the text it has taken so far. */
  let star: { readonly at: number; taken: number } | undefined
  while (t < text.length) {
    if (pattern[p] === '*') star = { at: p++, taken: t }
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) [p, t] = [p + 1, t + 1]
    else if (star === undefined) return false
    else [p, t] = [star.at + 1, ++star.taken]
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** A host that is written out says more than one with a wildcard. */
const literal = ({ host }: Place) => (host.includes('*') ? 0 : 1)

/** `a/b:1` → `a/b`, `a`. */
const prefixesOf = (path: string): readonly string[] => [...path.matchAll(/[/:@]/g)].map(({ index }) => path.slice(0, index))

/** `busybox:1` → `docker.io/library/busybox:1`. */
function fullName(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  if (hasRegistry) return image
  return rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`
}

// docker login writes Docker Hub under the address of its first version.
const normal = (key: string) =>
  key
    .replace(/^https?:\/\//, '')
    .replace(/^([^/]*)\/v[12](?=\/)/, '$1')
    .replace(/\/(v[12]\/?)?$/, '')
    .replace(/^(index|registry-1)\.docker\.io/, 'docker.io')

function entriesOf({ data = {} }: Secret): readonly (readonly [string, RegistryAuth])[] {
  const modern = parse(data['.dockerconfigjson'])['auths']
  const auths = isObject(modern) ? modern : parse(data['.dockercfg'])
  return Object.entries(auths).flatMap(([key, value]) => {
    if (!isObject(value)) return []
    const text = (name: string) => (typeof value[name] === 'string' ? value[name] : undefined)
    return [
      [key, { username: text('username'), password: text('password'), auth: text('auth'), identityToken: text('identitytoken') }] as const,
    ]
  })
}

/** One that is no JSON is as none: the pull is tried without, and the registry's refusal tells the user. */
const parse = (base64: string | undefined): Record<string, unknown> => parseObject(Buffer.from(base64 ?? '', 'base64').toString()) ?? {}
