// Cuts the power of hub and agent 1,000 times (or as often as told) on a disk that forgets what was not synced.
import { prepareToTest, run } from './prepare.mjs'

prepareToTest()
run('node', ['dist/test/power-cuts.mjs', ...process.argv.slice(2)])
