// `npm run images`: what it takes to build the images of the tour, then building them into dist/images.
import { join } from 'node:path'
import { fail, isRoot, prepareForImages, root, run } from './prepare.mjs'

if (!isRoot) fail('npm run images needs root (it installs and fetches packages of Debian): run it with sudo.')
prepareForImages()
run(process.execPath, [join(root, 'dist/build-images.mjs')])
