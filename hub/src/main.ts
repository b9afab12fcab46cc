import { youngGeneration } from './memory/from-the-start.ts'
import { parse as parseYaml } from 'yaml'
import { createLog } from '@bramble/shared/logging/log.ts'
import { runMain } from '@bramble/shared/process/run-main.ts'
import { runHub } from './app.ts'
import { help, readConfig } from './config.ts'

await runMain({
  name: 'bramble hub',
  argv: process.argv.slice(2),
  help,
  watchesItself: true,
  async run(argv, signal) {
    const config = readConfig(argv, parseYaml)
    await runHub(config, { log: createLog({ level: config.logLevel }), youngGeneration }, signal)
  },
})
