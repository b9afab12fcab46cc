import { HeldFolder } from '../../host/held-folder.ts'

/** Gives a volume's folder to the pod's group: writable, and inherited by what is made in it. */
export async function ownByGroup(dir: string, fsGroup: number | undefined): Promise<void> {
  if (fsGroup === undefined) return
  await using folder = await HeldFolder.open(dir)
  const { uid, mode } = await folder.stat()
  await folder.chown({ uid, gid: fsGroup })
  await folder.chmod((mode & 0o7777) | 0o2770)
}
