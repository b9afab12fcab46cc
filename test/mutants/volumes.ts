import type { Mutant } from './mutant.ts'

const payload = 'edge-agent/src/kubelet/volumes/payload.ts'
const tests = ['edge-agent/src/kubelet/volumes/pod-volumes.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: payload,
    search: `parts.includes('..') || `,
    replace: ``,
    why: 'a path in a volume leads out of it behind its first part',
    tests,
  },
  {
    file: payload,
    search: `Object.entries(object?.binaryData ?? {})) data.set(key, Buffer.from(base64, 'base64'))`,
    replace: `Object.entries(object?.binaryData ?? {})) data.set(key, Buffer.from(Buffer.from(base64, 'base64').toString()))`,
    why: 'bytes of a ConfigMap that are no text arrive damaged',
    tests,
  },
  {
    file: 'edge-agent/src/kubelet/volumes/sources/empty-dir.ts',
    search: `else await makeFolder(`,
    replace: `await makeFolder(`,
    why: 'an agent that starts again undoes what a pod did to its own folder',
    tests,
  },
  {
    file: 'edge-agent/src/kubelet/volumes/tmpfs.ts',
    search: `if (mountsUnder([dir]).includes(dir)) return`,
    replace: ``,
    why: 'an agent that starts again hides what a pod wrote to memory',
    tests,
  },
  {
    file: 'edge-agent/src/kubelet/volumes/sources/host-path.ts',
    search: `await open(path, 'wx')`,
    replace: `await open(path, 'w')`,
    why: 'FileOrCreate empties a file of the host',
    tests,
  },
  {
    file: 'edge-agent/src/kubelet/volumes/fs-group.ts',
    search: `forGroup = 0o2770`,
    replace: `forGroup = 0o770`,
    why: 'what one container of a pod writes the others of its group cannot read',
    tests,
  },
  {
    file: 'edge-agent/src/host/mounts.ts',
    search: 'point.startsWith(`${folder}/`)',
    replace: 'point.startsWith(folder)',
    why: 'the end of one pod unmounts the volumes of another whose name begins alike',
    tests: ['edge-agent/src/host/mounts.test.ts'],
  },
]
