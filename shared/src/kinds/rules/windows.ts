import type { FieldError } from '../../api/api-error.ts'
import { checkDnsSubdomain } from '../../meta/names.ts'
import type { WindowsSecurityContextOptions } from '../../types/security-context.ts'
import { checked } from './field-errors.ts'

/** No node here runs Windows, but a template may be for others. */
export function validateWindows(options: WindowsSecurityContextOptions | undefined, field: string): FieldError[] {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options ?? {}
  return [
    ...(gmsaCredentialSpecName === undefined ? [] : checked(`${field}.gmsaCredentialSpecName`, gmsaCredentialSpecName, checkDnsSubdomain)),
    ...(gmsaCredentialSpec === undefined ? [] : checked(`${field}.gmsaCredentialSpec`, gmsaCredentialSpec, checkSpec)),
    ...(runAsUserName === undefined ? [] : checked(`${field}.runAsUserName`, runAsUserName, checkUserName)),
  ]
}

function checkSpec(text: string): string[] {
  if (text === '') return ['gmsaCredentialSpec cannot be an empty string']
  return Buffer.byteLength(text) > 64 * 1024 ? ['gmsaCredentialSpec size must be under 64 KiB'] : []
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsName = new RegExp(`^${label}(?:\\.${label})*$`)

function checkUserName(text: string): string[] {
  if (text === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(text)) return ['runAsUserName cannot contain control characters']
  const parts = text.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? parts[0] : undefined
  return [
    ...(domain !== undefined && domain.length >= 256 ? ["runAsUserName's Domain length must be under 256 characters"] : []),
    ...(domain !== undefined && domain.length < 256 && !netBios.test(domain) && !dnsName.test(domain)
      ? ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]
      : []),
    ...(user === '' ? ["runAsUserName's User cannot be empty"] : []),
    ...(user.length > 104 ? ["runAsUserName's User length must not be longer than 104 characters"] : []),
    ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
    ...(/["/\\:;|=,+*?<>@[\]]/.test(user) ? ['runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'] : []),
  ]
}
