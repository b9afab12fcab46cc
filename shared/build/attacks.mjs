// `npm run attacks`: each attack of `test/attacks/attacks` against a running cluster, with what it cost the hub and the others, as a table.
import { join } from 'node:path'
import { fail, isRoot, prepareToTest, root, run } from './prepare.mjs'

if (!isRoot) fail('npm run attacks needs root (containers, network rules): run it with sudo.')
prepareToTest()
run(process.execPath, [join(root, 'dist/test/attacks.mjs'), ...process.argv.slice(2)])
