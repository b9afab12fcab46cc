import type { User } from '@bramble/shared/api/api-request.ts'

type Headers = Readonly<Record<string, string | readonly string[]>>

export const headerNames = {
  username: 'X-Remote-User',
  uid: 'X-Remote-Uid',
  group: 'X-Remote-Group',
  extraPrefix: 'X-Remote-Extra-',
} as const

/** Who asks, for a server that trusts our certificate to say so. */
export function identityHeaders({ name, uid, groups, extra = {} }: User): Headers {
  return {
    [headerNames.username]: name,
    ...(uid !== undefined && uid !== '' && { [headerNames.uid]: uid }),
    ...(groups.length > 0 && { [headerNames.group]: groups }),
    ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [headerNames.extraPrefix + escaped(key), values])),
  }
}

/** What may stand in the name of a header; the rest is percent-encoded, the percent sign as well. */
const escaped = (key: string): string =>
  [...Buffer.from(key.toLowerCase())]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[!#$&'*+\-.^_`|~0-9a-z]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
