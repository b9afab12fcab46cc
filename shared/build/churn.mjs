// `npm run churn`: objects and pods come and go for 30 minutes (or as many as are given); hub and agents must not grow.
import { join } from 'node:path'
import { fail, isRoot, prepareToTest, root, run } from './prepare.mjs'

if (!isRoot) fail('npm run churn needs root (containers, network rules): run it with sudo.')
prepareToTest()
run(process.execPath, [join(root, 'dist/build-images.mjs')])
run(process.execPath, [join(root, 'dist/test/churn.mjs'), ...process.argv.slice(2)])
