import { parse as parseYaml } from 'yaml'
import { createLog } from '@bramble/shared/logging/log.ts'
import { runMain } from '@bramble/shared/process/run-main.ts'
import { runAgent } from './app.ts'
import { resetNode } from './app/reset-node.ts'
import { help, readConfig } from './config.ts'

const [first, ...rest] = process.argv.slice(2)
const resets = first === 'reset'

await runMain({
  name: 'bramble agent',
  argv: resets || first === undefined ? rest : [first, ...rest],
  help,
  isTask: resets,
  async run(argv, signal) {
    const config = readConfig(argv, parseYaml)
    const log = createLog({ level: config.logLevel })
    await (resets ? resetNode(config, log) : runAgent(config, log, signal))
  },
})
