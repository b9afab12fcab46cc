import type { Command } from 'commander'

/** One command of `bramble`; a file in `commands/`. */
export type CliCommand = { readonly isCliCommand: true; register(program: Command): void }

export const defineCommand = (register: (program: Command) => void): CliCommand => ({ isCliCommand: true, register })

export const isCliCommand = (value: unknown): value is CliCommand =>
  typeof value === 'object' && value !== null && (value as { isCliCommand?: unknown }).isCliCommand === true

/** Something the person at the terminal can put right; printed without a stack. */
export class UsageError extends Error {}
