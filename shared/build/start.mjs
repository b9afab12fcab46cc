// `npm start`: everything from a fresh checkout to a running cluster of one node. Arguments go to `bramble up`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fail, isRoot, prepareToRun, root } from './prepare.mjs'

if (!isRoot) fail('npm start needs root (containers, network rules): run it with sudo.')
prepareToRun()

const up = spawn(join(root, 'hub/bin/bramble'), ['up', ...process.argv.slice(2)], { stdio: 'inherit' })
// The terminal's Ctrl-C reaches the child by itself; this process only waits for it to close everything.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && up.kill(signal))
up.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 0 : 1)))
