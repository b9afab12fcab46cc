import { exec, execOk } from '../host/exec.ts'

// CRI keeps its images in this namespace of containerd, whoever imported them.
const namespace = 'k8s.io'

/** Loads an OCI or docker archive, of whatever platform, and answers the names it brought. Throws with ctr's own words. */
export async function importImage(socket: string, file: string): Promise<readonly string[]> {
  // Unpacking is left to the first container: an image of another architecture has nothing to unpack for this one.
  const out = await execOk(
    'ctr',
    ['--address', socket, '--namespace', namespace, 'images', 'import', '--all-platforms', '--no-unpack', file],
    { timeoutMs: 600_000 },
  )
  return out.split('\n').flatMap((line) => /^unpacking (\S+)/.exec(line)?.[1] ?? /^(\S+)\s+saved/.exec(line)?.[1] ?? [])
}

/** Loads an OCI layout that lies in a folder; it is streamed, because a card may not have room for it twice. */
export async function importLayout(
  socket: string,
  { folder, files, signal }: { readonly folder: string; readonly files: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const script =
    'folder=$1 socket=$2; shift 2; tar -C "$folder" -cf - "$@" | ctr --address "$socket" --namespace "$NAMESPACE" images import --all-platforms --no-unpack -'
  await execOk('sh', ['-c', script.replace('$NAMESPACE', namespace), 'sh', folder, socket, ...files], { timeoutMs: 600_000, signal })
}

/** Whether an image of that name is there; throws when containerd does not answer. */
export async function hasImage(socket: string, name: string): Promise<boolean> {
  const { code, stdout, stderr } = await exec(
    'ctr',
    ['--address', socket, '--connect-timeout', '2s', '--namespace', namespace, 'images', 'list', '--quiet', `name==${name}`],
    { timeoutMs: 10_000 },
  )
  if (code !== 0) throw new Error(`containerd does not answer on ${socket}: ${stderr.trim()}`)
  return stdout.trim() === name
}

/** Ids of all containers and sandboxes that containerd has a note of, running or not. */
export async function containerIds(socket: string): Promise<ReadonlySet<string>> {
  const out = await execOk(
    'ctr',
    ['--address', socket, '--connect-timeout', '2s', '--namespace', namespace, 'containers', 'list', '--quiet'],
    { timeoutMs: 10_000 },
  )
  return new Set(out.split('\n').filter((id) => id !== ''))
}
