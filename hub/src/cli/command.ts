import type { Command } from 'commander'
import { marked } from '@bramble/shared/discover.ts'

/** One command of `bramble`; a file in `commands/`. */
export type CliCommand = { readonly isCliCommand: true; register(program: Command): void }

export const defineCommand = (register: (program: Command) => void): CliCommand => ({ isCliCommand: true, register })

export const isCliCommand = marked<CliCommand>('isCliCommand')

/** Something the person at the terminal can put right; printed without a stack. */
export class UsageError extends Error {}
