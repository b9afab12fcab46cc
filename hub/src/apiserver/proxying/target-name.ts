import { badRequest } from '@bramble/shared/api/api-error.ts'

/** What the name of a proxied pod, Service or node says beside the name: `https:web:443`. */
export type TargetName = { readonly isTls: boolean; readonly name: string; readonly port: string }

/** `what` is named in the refusal (Kubernetes: "Manually constructing apiserver proxy URLs"). */
export function targetNamed(text: string, what: string): TargetName {
  const parts = text.split(':')
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme))
    throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`)
  return { isTls: scheme === 'https', name, port }
}

/** Undefined for what is no number of a port. */
export function portNumber(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port > 0 && port < 65_536 ? port : undefined
}
