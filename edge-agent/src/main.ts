import { parse as parseYaml } from 'yaml'
import { createLog } from '@bramble/shared/logging/log.ts'
import { runMain } from '@bramble/shared/process/run-main.ts'
import { runAgent } from './app.ts'
import { resetNode } from './app/reset-node.ts'
import { help, readConfig } from './config.ts'

await runMain({
  name: 'bramble agent',
  argv: process.argv.slice(2),
  help,
  async run([first, ...rest], signal) {
    const resets = first === 'reset'
    const config = readConfig(resets || first === undefined ? rest : [first, ...rest], parseYaml)
    const log = createLog({ level: config.logLevel })
    await (resets ? resetNode(config, log) : runAgent(config, log, signal))
  },
})
