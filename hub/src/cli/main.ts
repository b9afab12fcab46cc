import { Command, CommanderError } from 'commander'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { discover } from '@bramble/shared/discover.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { version } from '@bramble/shared/process/version.ts'
import { isCliCommand, UsageError } from './command.ts'

const commands = discover(import.meta.glob('./commands/*.ts', { eager: true }), isCliCommand)

const program = new Command('bramble')
  .description('Kubernetes for fleets of Raspberry Pi and other ARM boards: one hub, many edge agents, MQTT between them.')
  .version(version, '-V, --version')
  .exitOverride()
  .showSuggestionAfterError()
for (const { register } of commands) register(program)
// These two have processes of their own (see bin/bramble); they stand here for --help.
program.command('hub').description('run a hub in this terminal; see bramble hub --help')
program.command('agent').description('run an edge agent on this machine; see bramble agent --help')

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode)
  // What a person did or can mend is one sentence; anything else is our fault and shows where it happened.
  const expected = error instanceof UsageError || error instanceof ConfigError || isApiError(error)
  console.error(`bramble: ${expected ? messageOf(error) : error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  process.exit(1)
}
