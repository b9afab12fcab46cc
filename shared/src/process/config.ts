import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as z from 'zod'

/** A refusal of the command line or of a config file: one sentence for the person who typed it. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConfigError'
  }
}

export type ConfigSource<S extends z.ZodObject> = {
  /** Flat; each field has a description, which is its line of `--help`. Keys are camelCase; flags are their kebab-case. */
  readonly schema: S
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** `BRAMBLE_` makes `httpsPort` readable from BRAMBLE_HTTPS_PORT. */
  readonly envPrefix?: string
  /** Reads YAML; given by the caller so that a process without a config file does not load a parser. */
  readonly parseFile?: (text: string) => unknown
}

/**
 * One frozen object from, strongest first: flags, environment, the file named by `--config`, defaults.
 * Unknown flags and keys are refused by name.
 */
export function parseConfig<S extends z.ZodObject>({
  schema,
  argv,
  env = {},
  envPrefix = 'BRAMBLE_',
  parseFile = JSON.parse,
}: ConfigSource<S>): Readonly<z.infer<S>> {
  const keys = Object.keys(schema.shape)
  const flags = readFlags(schema, argv)
  const file = flags['config'] === undefined ? {} : readFile(String(flags['config']), parseFile, keys)
  const fromEnv = Object.fromEntries(
    keys.flatMap((key) =>
      env[envPrefix + snake(key)] === undefined ? [] : [[key, fromText(schema.shape[key], env[envPrefix + snake(key)] as string)]],
    ),
  ) // tested just before
  const fromFlags = Object.fromEntries(
    keys.flatMap((key) =>
      flags[kebab(key)] === undefined ? [] : [[key, fromText(schema.shape[key], flags[kebab(key)] as string | boolean | string[])]],
    ),
  ) // parseArgs gives only these
  const parsed = schema.safeParse({ ...file, ...fromEnv, ...fromFlags })
  if (parsed.success) return Object.freeze(parsed.data)
  throw new ConfigError(parsed.error.issues.map((issue) => explain(schema, issue)).join('; '))
}

/** The lines of `--help`: one an option, with its default. */
export function configHelp(schema: z.ZodObject): string {
  const rows = Object.entries(schema.shape).map(([key, field]) => {
    const type = inner(field as z.ZodType)
    const takes = type instanceof z.ZodBoolean ? '' : ` ${type instanceof z.ZodNumber ? 'N' : 'VALUE'}`
    const fallback = defaultOf(field as z.ZodType)
    const shown =
      fallback === undefined || fallback === false || (Array.isArray(fallback) && fallback.length === 0)
        ? ''
        : ` (default ${String(fallback)})`
    return [`  --${kebab(key)}${takes}`, `${descriptionOf(field as z.ZodType)}${shown}`]
  })
  rows.push(['  --config FILE', 'read any of these from a file (keys in camelCase); flags win'], ['  --help', 'print this'])
  const width = Math.max(...rows.map(([left = '']) => left.length)) + 2
  return rows.map(([left = '', right = '']) => left.padEnd(width) + right).join('\n')
}

type FlagValues = Record<string, string | boolean | (string | boolean)[] | undefined>

function readFlags(schema: z.ZodObject, argv: readonly string[]): FlagValues {
  const options = Object.fromEntries(
    Object.entries(schema.shape).map(([key, field]) => {
      const type = inner(field as z.ZodType)
      return [
        kebab(key),
        { type: type instanceof z.ZodBoolean ? ('boolean' as const) : ('string' as const), multiple: type instanceof z.ZodArray },
      ]
    }),
  )
  try {
    return parseArgs({ args: [...argv], options: { ...options, config: { type: 'string', multiple: false } }, strict: true }).values
  } catch (cause) {
    const [first = ''] = String((cause as Error).message).split('. ')
    throw new ConfigError(`${first}; see --help for what there is`, { cause })
  }
}

function readFile(path: string, parse: (text: string) => unknown, keys: readonly string[]): Record<string, unknown> {
  if (!existsSync(path)) throw new ConfigError(`config file ${path} does not exist`)
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8')) ?? {}
  } catch (cause) {
    throw new ConfigError(`config file ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(`config file ${path} must hold keys and values`)
  const unknown = Object.keys(value).filter((key) => !keys.includes(key))
  if (unknown.length > 0)
    throw new ConfigError(`config file ${path}: unknown key ${unknown.map((key) => `"${key}"`).join(', ')}; known are ${keys.join(', ')}`)
  return value as Record<string, unknown> // an object, checked just above
}

function fromText(field: unknown, value: string | boolean | readonly (string | boolean)[]): unknown {
  const type = inner(field as z.ZodType)
  if (type instanceof z.ZodNumber && typeof value === 'string') return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (type instanceof z.ZodBoolean && typeof value === 'string') return value === 'true' ? true : value === 'false' ? false : value
  if (type instanceof z.ZodArray)
    return (Array.isArray(value) ? value : [value]).flatMap((item) => String(item).split(',')).filter((item) => item !== '')
  return value
}

function explain(schema: z.ZodObject, { path, message }: z.core.$ZodIssue): string {
  const key = String(path[0] ?? '')
  const description = schema.shape[key] === undefined ? '' : ` (${descriptionOf(schema.shape[key] as z.ZodType)})`
  return `--${kebab(key)}${description}: ${message}`
}

const inner = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodOptional || field instanceof z.ZodDefault ? inner(field.unwrap() as z.ZodType) : field

const defaultOf = (field: z.ZodType): unknown => {
  const parsed = field.safeParse(undefined)
  return parsed.success ? parsed.data : undefined
}

const descriptionOf = (field: z.ZodType): string =>
  field.description ?? (field instanceof z.ZodOptional || field instanceof z.ZodDefault ? descriptionOf(field.unwrap() as z.ZodType) : '')

const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
