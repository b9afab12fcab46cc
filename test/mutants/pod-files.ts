import type { Mutant } from './mutant.ts'

const held = 'edge-agent/src/host/held-folder.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/kubelet/volumes/sub-path.ts',
    search: `'--bind', place.path, target]`,
    replace: `'--bind', \`\${root}/\${below}\`, target]`,
    why: 'a sibling container swaps a subPath for a link to the host',
    tests: ['edge-agent/src/kubelet/volumes/sub-path.test.ts'],
  },
  {
    file: held,
    search: `await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)`,
    replace: `await open(path, O_RDONLY | O_NONBLOCK)`,
    why: 'a termination message that is a link shows a file of the host',
    tests: ['edge-agent/src/kubelet/observed/last-words.test.ts'],
  },
  {
    file: held,
    search: `new HeldFolder(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))`,
    replace: `new HeldFolder(await open(path, O_RDONLY | O_DIRECTORY))`,
    why: 'a link in the place of a volume is taken for it',
    tests: ['edge-agent/src/kubelet/volumes/pod-volumes.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/config/container-mounts.ts',
    search: `readOnly || isOnlyReadByName.get(name) === true`,
    replace: `readOnly`,
    why: 'root in a container turns ..data of a ConfigMap elsewhere',
    tests: ['edge-agent/src/kubelet/config/container-mounts.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/config/container-mounts.ts',
    search: `writeInPlace(lastWords, '', 0o666)`,
    replace: `writeInPlace(lastWords, '', 0o644)`,
    why: 'a user who is not root leaves no termination message',
    tests: ['edge-agent/src/kubelet/config/container-mounts.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/volumes/payload-writer.ts',
    search: `dataName.test(current) && `,
    replace: ``,
    why: 'a link ..data that leads outside is read',
    tests: ['edge-agent/src/kubelet/volumes/pod-volumes.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/logs/log-rotation.ts',
    search: `const aside = \`\${path}.\${last + 1}\``,
    replace: `const aside = \`\${path}.\${Date.now()}\``,
    why: 'a clock that is set back reorders logs',
    tests: ['edge-agent/src/kubelet/logs/log-server.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/wanted/objects-in.ts',
    search: `!isThere && optional`,
    replace: `isThere && optional`,
    why: 'a pod starts without an optional ConfigMap that exists',
    tests: ['edge-agent/src/kubelet/wanted/objects-in.test.ts'],
  },
  {
    file: 'edge-agent/src/host/remove-tree.ts',
    search: `if ((await top.mountId()) !== (await parent.mountId()))`,
    replace: `if ((await top.mountId()) === '')`,
    why: 'what is mounted in a folder of a pod is removed with it',
    tests: ['edge-agent/src/host/remove-tree.test.ts'],
  },
]
