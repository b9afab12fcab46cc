import type { exec as hostExec } from './exec.ts'

// Through a shell and not in our own process, because `exec` decides whose network namespace it is; and not by the
// `sysctl` program, which small systems lack.
const fileOf = (name: string) => `/proc/sys/${name.replaceAll('.', '/')}`

/** A kernel setting such as `net.ipv4.ip_forward`; undefined when this kernel has none of that name. */
export async function readSysctl(exec: typeof hostExec, name: string, signal?: AbortSignal): Promise<string | undefined> {
  const { code, stdout } = await exec('cat', [fileOf(name)], { signal })
  return code === 0 ? stdout.trim() : undefined
}

/** Sets it unless it is so already; answers whether it had to. */
export async function writeSysctl(exec: typeof hostExec, name: string, value: string, signal?: AbortSignal): Promise<boolean> {
  if ((await readSysctl(exec, name, signal)) === value) return false
  const { code, stderr } = await exec('sh', ['-c', 'printf %s "$1" > "$2"', 'sh', value, fileOf(name)], { signal })
  if (code !== 0) throw new Error(`the kernel setting ${name} could not be set to ${value}: ${stderr.trim()}`)
  return true
}
