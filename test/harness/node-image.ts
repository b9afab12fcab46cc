import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ociArchive } from '@bramble/edge-agent/runtime/oci-archive.ts'
import { build } from 'esbuild'

/** An image `<name>:1` of Node and a program, with the libraries that Node is linked to. */
export async function nodeImage(name: string, contents: string): Promise<Buffer> {
  const { outputFiles } = await build({
    ...{ stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, write: false },
    ...{ platform: 'node', format: 'cjs', logLevel: 'error' },
  })
  const libraries = [
    ...execFileSync('ldd', [process.execPath])
      .toString()
      .matchAll(/(\/\S+) \(0x/g),
  ].map(([, path = '']) => path)
  return ociArchive({
    name: `docker.io/library/${name}:1`,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: [
      ...[process.execPath, ...libraries].map((path) => ({ path: path.slice(1), mode: 0o755, data: readFileSync(path) })),
      { path: 'program.cjs', mode: 0o644, data: Buffer.from(outputFiles[0]?.contents ?? '') },
    ],
    config: { Entrypoint: [process.execPath, '/program.cjs'] },
  })
}
