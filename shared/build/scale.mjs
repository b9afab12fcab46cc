// `npm run scale`: a real hub with nodes alone, with 1,000 and with 5,000 simulated agents (or as many as you say), as tables; the whole run is kept in docs/.
import { join } from 'node:path'
import { prepareToTest, root, run } from './prepare.mjs'

prepareToTest()
run(process.execPath, [join(root, 'dist/test/scale.mjs'), ...process.argv.slice(2)])
