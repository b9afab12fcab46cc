import { type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'

/** From the loosest to the strictest. */
export const levels = ['privileged', 'baseline', 'restricted'] as const
export type Level = (typeof levels)[number]

/** A standard as it was in one release; `minor` is Infinity of the latest. */
export type Standard = { readonly level: Level; readonly minor: number }

/** What a namespace does about pods that break a standard: refuse them, write it down, tell their sender. */
export type Policy = { readonly enforce: Standard; readonly audit: Standard; readonly warn: Standard }

const latest: Standard = { level: 'privileged', minor: Infinity }
export const noPolicy: Policy = { enforce: latest, audit: latest, warn: latest }

export const labelPrefix = 'pod-security.kubernetes.io/'

/** `restricted:v1.24`, `baseline:latest` */
export const standardText = ({ level, minor }: Standard): string => `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`

export const isStricter = (one: Level, other: Level): boolean => levels.indexOf(one) > levels.indexOf(other)

const isLevel = (text: string): text is Level => levels.some((level) => level === text)

/** Undefined: it is neither `latest` nor `v1.x`. */
function minorOf(text: string): number | undefined {
  if (text === 'latest') return Infinity
  const digits = /^v1\.([0-9]|[1-9][0-9]{1,5})$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Of a configuration: `baseline`, `restricted:v1.24`; undefined when it is none. */
export function standardOf(text: string): Standard | undefined {
  const [level = '', version = 'latest', ...more] = text.split(':')
  const minor = minorOf(version)
  return isLevel(level) && minor !== undefined && more.length === 0 ? { level, minor } : undefined
}

/**
 * What a namespace's labels say, and what of it nobody understands: that is taken for the strictest where pods are refused, and for nothing
 * where one would only speak of it.
 */
export function policyOf(labels: Readonly<Record<string, string>> | undefined, defaults: Policy): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = []
  if (labels === undefined) return { policy: defaults, errors }
  const standard = (mode: keyof Policy, unknown: Level): Standard => {
    let { level, minor } = defaults[mode]
    const told = (key: string) => (Object.hasOwn(labels, `${labelPrefix}${key}`) ? labels[`${labelPrefix}${key}`] : undefined)
    const wrong = (key: string, value: string, why: string) =>
      errors.push(fieldInvalid(`metadata.labels[${labelPrefix}${key}]`, value, why))
    const levelText = told(mode)
    if (levelText !== undefined) {
      level = isLevel(levelText) ? levelText : unknown
      if (!isLevel(levelText)) wrong(mode, levelText, `must be one of ${levels.join(', ')}`)
    }
    const versionText = told(`${mode}-version`)
    if (versionText !== undefined) {
      const found = minorOf(versionText)
      minor = found ?? Infinity
      if (found === undefined) wrong(`${mode}-version`, versionText, 'must be "latest" or "v1.x"')
    }
    return { level, minor }
  }
  const policy: Policy = {
    enforce: standard('enforce', 'restricted'),
    audit: standard('audit', 'privileged'),
    warn: standard('warn', 'privileged'),
  }
  return { policy, errors }
}

export const isSameStandard = (one: Standard, other: Standard): boolean => one.level === other.level && one.minor === other.minor
