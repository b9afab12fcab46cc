// `npm run bench`: the figures, each beside its floor in the same run, as a table. Takes about ten minutes.
import { join } from 'node:path'
import { fail, isRoot, prepareToTest, root, run } from './prepare.mjs'

if (!isRoot) fail('npm run bench needs root (containers, network rules): run it with sudo.')
prepareToTest()
run(process.execPath, [join(root, 'dist/build-images.mjs')])
run(process.execPath, [join(root, 'dist/test/bench.mjs'), ...process.argv.slice(2)])
