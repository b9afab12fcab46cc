import { readdirSync, readFileSync } from 'node:fs'

/** The processes of a container; its id may carry the runtime's scheme. */
export function pidsIn(containerId: string): number[] {
  const id = containerId.replace(/^\w+:\/\//, '')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id)
      } catch {
        return false
      }
    })
    .map(Number)
}
