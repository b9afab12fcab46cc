import { parse as parseYaml } from 'yaml'
import { ConfigError } from '@bramble/shared/config.ts'
import { createLog } from '@bramble/shared/log.ts'
import { messageOf } from '@bramble/shared/service.ts'
import { runHub } from './app.ts'
import { help, readConfig } from './config.ts'

const argv = process.argv.slice(2)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
}

if (argv.includes('--help')) {
  process.stdout.write(help())
} else {
  try {
    const config = readConfig(argv, parseYaml)
    await runHub(config, createLog({ level: config.logLevel }), stop.signal)
    process.exit(0)
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`bramble hub: ${error.message}\n`)
    else createLog().error({ error }, messageOf(error))
    process.exit(1)
  }
}
