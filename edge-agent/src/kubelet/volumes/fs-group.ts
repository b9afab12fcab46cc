import { chmod, chown, stat } from 'node:fs/promises'

/** Gives a volume's folder to the pod's group: writable, and inherited by what is made in it. */
export async function ownByGroup(dir: string, fsGroup: number | undefined): Promise<void> {
  if (fsGroup === undefined) return
  const { uid, mode } = await stat(dir)
  await chown(dir, uid, fsGroup)
  await chmod(dir, (mode & 0o7777) | 0o2770)
}
