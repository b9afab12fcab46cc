import { readNames } from './read-sysfs.ts'

/** Every process that this machine has now. */
export const processIds = (): readonly number[] => readNames('/proc').flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []))
