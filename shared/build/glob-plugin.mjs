import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const call = /import\.meta\.glob\(\s*'([^']+)\/\*\.ts'\s*,\s*\{\s*eager:\s*true,?\s*\}\s*\)/g

/**
 * Gives esbuild what vitest has: `import.meta.glob('./folder/*.ts', { eager: true })` becomes one import a file.
 * Tests of the folder stay out of the bundle.
 */
export const globPlugin = {
  name: 'import-meta-glob',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      if (!source.includes('import.meta.glob(')) return undefined
      const imports = []
      const watchDirs = []
      const contents = await replaceAsync(source, call, async ([, folder]) => {
        watchDirs.push(join(dirname(path), folder))
        const files = (await readdir(join(dirname(path), folder)))
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
          .sort()
        const entries = files.map((file) => {
          const name = `__glob_${imports.length}`
          imports.push(`import * as ${name} from '${folder}/${file}'`)
          return `'${folder}/${file}': ${name}`
        })
        return `{ ${entries.join(', ')} }`
      })
      return { contents: `${imports.join('\n')}\n${contents}`, loader: 'ts', watchDirs }
    })
  },
}

async function replaceAsync(text, pattern, replace) {
  let result = ''
  let end = 0
  for (const match of text.matchAll(pattern)) {
    result += text.slice(end, match.index) + (await replace(match))
    end = match.index + match[0].length
  }
  return result + text.slice(end)
}
