// `npm run fuzz [-- target… --inputs N --seed S --report FILE]`: gives every reader of what comes from outside a million inputs, each
// made from good ones by a seeded generator. An input that takes a second, or memory without measure, is a finding like one that throws.
import { join } from 'node:path'
import { prepareToTest, root, run } from './prepare.mjs'

prepareToTest()
run(process.execPath, [join(root, 'dist/test/fuzz.mjs'), ...process.argv.slice(2)])
