// `npm start`: everything from a fresh checkout to a running cluster of one node. Arguments go to `bramble up`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fail, isRoot, prepareToRun, root } from './prepare.mjs'

if (!isRoot) fail('npm start needs root (containers, network rules): run it with sudo.')
prepareToRun()

const up = spawn(join(root, 'hub/bin/bramble'), ['up', ...process.argv.slice(2)], { stdio: 'inherit' })
// The child closes everything; this process only waits for it. Most signals reach the child by themselves, with the whole group;
// one that was meant for this process alone is passed on, and the child takes both for one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => up.kill(signal))
up.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 0 : 1)))
