// `npm run scale`: a real hub with 1,000 and with 5,000 simulated agents (or as many as you say), as tables. 1,000 take five minutes; 5,000 most of an hour, because each hears of each other one.
import { join } from 'node:path'
import { prepareToTest, root, run } from './prepare.mjs'

prepareToTest()
run(process.execPath, [join(root, 'dist/test/scale.mjs'), ...process.argv.slice(2)])
