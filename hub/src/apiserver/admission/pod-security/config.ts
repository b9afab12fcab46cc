import { noPolicy, type Policy, type Standard, standardOf } from './policy.ts'

/** What holds where a namespace says nothing, and who is held to nothing. */
export type PodSecurityConfig = {
  readonly defaults: Policy
  readonly exempt: { readonly namespaces: readonly string[]; readonly users: readonly string[]; readonly runtimeClasses: readonly string[] }
}

export const noPodSecurity: PodSecurityConfig = { defaults: noPolicy, exempt: { namespaces: [], users: [], runtimeClasses: [] } }

/** As the hub is told it: standards as `baseline` or `restricted:v1.30`; the exempt as `namespace/NAME`, `user/NAME`, `runtimeclass/NAME`. */
export type PodSecurityOptions = {
  readonly podSecurityEnforce: string
  readonly podSecurityAudit: string
  readonly podSecurityWarn: string
  readonly podSecurityExempt: readonly string[]
}

export const isStandard = (text: string): boolean => standardOf(text) !== undefined
export const isExemption = (text: string): boolean => /^(namespace|user|runtimeclass)\/./.test(text)

export function podSecurityOf(options: PodSecurityOptions): PodSecurityConfig {
  const named = (prefix: string) =>
    options.podSecurityExempt.filter((text) => text.startsWith(`${prefix}/`)).map((text) => text.slice(prefix.length + 1))
  const standard = (text: string) => standardOf(text) as Standard // the options' schema has looked
  return {
    defaults: {
      enforce: standard(options.podSecurityEnforce),
      audit: standard(options.podSecurityAudit),
      warn: standard(options.podSecurityWarn),
    },
    exempt: { namespaces: named('namespace'), users: named('user'), runtimeClasses: named('runtimeclass') },
  }
}
