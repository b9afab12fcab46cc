import { boundedLines } from './bounded-lines.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** A log line is an event: a constant lower-case message, and fields that vary. */
export type Log = {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A log whose every line carries these fields too. */
  with(fields: LogFields): Log
}

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export type LogOptions = { readonly level?: LogLevel; readonly write?: (line: string) => void; readonly now?: () => number }

/** JSON lines, one an event; errors become their message and stack. */
export function createLog({ level = 'info', write = boundedLines(() => process.stderr), now = Date.now }: LogOptions = {}): Log {
  const from = order.indexOf(level)
  const bound = (base: LogFields): Log => {
    const at = (lineLevel: LogLevel) => (fields: LogFields, message: string) => {
      if (order.indexOf(lineLevel) < from) return
      write(`${JSON.stringify({ time: new Date(now()).toISOString(), level: lineLevel, message, ...base, ...fields }, plain)}\n`)
    }
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), with: (fields) => bound({ ...base, ...fields }) }
  }
  return bound({})
}

export const silentLog: Log = createLog({ write: () => {} })

const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Error) return { message: value.message, stack: value.stack, cause: value.cause }
  if (typeof value === 'bigint') return value.toString()
  return value
}
