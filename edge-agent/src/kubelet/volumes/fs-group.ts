import { HeldFolder } from '../../host/held-folder.ts'

/** Writable for the group, and inherited by what is made in it. */
export const forGroup = 0o2770

/** Gives a volume's folder to the pod's group. */
export async function ownByGroup(dir: string, fsGroup: number | undefined): Promise<void> {
  if (fsGroup === undefined) return
  await using folder = await HeldFolder.open(dir)
  const { uid, mode } = await folder.stat()
  await folder.chown({ uid, gid: fsGroup })
  await folder.chmod((mode & 0o7777) | forGroup)
}
