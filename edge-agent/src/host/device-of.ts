import { join } from 'node:path'
import { readText } from './read-sysfs.ts'

/** The file of a block device by its number (`179:0` is `/dev/mmcblk0`), or that number where the kernel has none any more. */
export function deviceOf(number: string, devices = '/sys/dev/block'): string {
  const name = /^DEVNAME=(.+)$/m.exec(readText(join(devices, number, 'uevent')) ?? '')?.[1]
  return name === undefined ? number : `/dev/${name}`
}
