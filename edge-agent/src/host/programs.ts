import { exec } from './exec.ts'

/** What the agent runs, and the Debian package that has it. */
const network = { ip: 'iproute2', nft: 'nftables', mount: 'mount', nsenter: 'util-linux', sysctl: 'procps' }
const runtime = { containerd: 'containerd', ctr: 'containerd', 'containerd-shim-runc-v2': 'containerd', runc: 'runc' }

/** What this machine lacks for a node, as one sentence; undefined when everything is there. */
export async function missingPrograms({ ownRuntime }: { readonly ownRuntime: boolean }): Promise<string | undefined> {
  const packages: Readonly<Record<string, string>> = ownRuntime ? { ...network, ...runtime } : network
  const { stdout } = await exec('/bin/sh', [
    '-c',
    'for name; do command -v "$name" >/dev/null || echo "$name"; done',
    'sh',
    ...Object.keys(packages),
  ])
  const missing = stdout.split('\n').filter((name) => name !== '')
  if (missing.length === 0) return undefined
  const install = [...new Set(missing.map((name) => packages[name] ?? name))]
  return `this machine has no ${missing.join(', ')}: apt install ${install.join(' ')}`
}
