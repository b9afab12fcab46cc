import type { Mutant } from './mutant.ts'

const held = 'edge-agent/src/host/held-folder.ts'
const conntrack = 'edge-agent/src/proxy/conntrack.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/cache/cache.ts',
    search: `    void this.stack\n`,
    replace: ``,
    why: 'what a node does not keep of what pods name takes its memory all the same, until the agent ends',
    tests: ['edge-agent/src/cache/named-values.test.ts'],
  },
  {
    file: held,
    search: `open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)`,
    replace: `open(path, O_RDONLY | O_NOFOLLOW)`,
    why: 'a FIFO in the place of a termination message parks a thread for good',
    tests: ['edge-agent/src/kubelet/observed/last-words.test.ts'],
  },
  {
    file: held,
    search: `      await file.writeFile(data)\n      if (owner) await file.chown(owner.uid, owner.gid)\n      await file.chmod(mode)`,
    replace: `      await file.writeFile(data)\n      if (owner) await file.chown(owner.uid, owner.gid)`,
    why: 'a volume cannot be read by the user of its container where the umask is strict',
    tests: ['edge-agent/src/kubelet/volumes/pod-volumes.test.ts'],
  },
  {
    file: 'edge-agent/src/host/exec.ts',
    search: `      if (out.bytes > maxOutputBytes)\n        return reject(`,
    replace: `      if (out.bytes < 0)\n        return reject(`,
    why: 'half of the rules of a machine are read for all of them',
    tests: ['edge-agent/src/host/exec.test.ts'],
  },
  {
    file: 'edge-agent/src/host/exec.ts',
    search: `for (const stream of [child.stdout, child.stderr]) stream?.destroy()`,
    replace: ``,
    why: 'what a command has started prints on after its end',
    tests: ['edge-agent/src/host/exec.test.ts'],
  },
  {
    file: 'edge-agent/src/network/network.ts',
    search: `if (given === undefined) become({ ready: false, message: whyNotGiven(own?.spec?.podCIDR) })\n    else {`,
    replace: `if (given !== undefined) {`,
    why: 'a node whose pods have no addresses any more says that it is ready',
    tests: ['edge-agent/src/network/network.test.ts'],
  },
  {
    file: 'edge-agent/src/link/identity/join-request.ts',
    search: `  keepForJoining(fileIn(folder), () => writeFileAtomic(fileIn(folder), \`\${JSON.stringify(request)}\\n\`, 0o600))`,
    replace: `  writeFileAtomic(fileIn(folder), \`\${JSON.stringify(request)}\\n\`, 0o600)`,
    why: 'a first join on a full card ends with ENOSPC and nothing else',
    tests: ['edge-agent/src/link/identity/join-request.test.ts'],
  },
  {
    file: 'edge-agent/src/link/identity/credentials.ts',
    search: `if (current === undefined) keepForJoining(nodeFile, () => write(next))\n      else write(next)`,
    replace: `write(next)`,
    why: 'a certificate that a full card cannot keep ends with ENOSPC and nothing else',
    tests: ['edge-agent/src/link/identity/join-request.test.ts'],
  },
  {
    file: 'edge-agent/src/link/hub-socket.ts',
    search: `if (isOver(to)) throw`,
    replace: `if (isOver(0)) throw`,
    why: 'a clock that is set does not let a board in',
    tests: ['edge-agent/src/link/hub-socket.test.ts'],
  },
  {
    file: 'edge-agent/src/proxy/usable.ts',
    search: `if (isUsable && (hostIP === '' || isIpv4(hostIP))) return true`,
    replace: `if (isUsable) return true`,
    why: 'hostIP ::1 of one pod freezes the Services of its node',
    tests: ['edge-agent/src/proxy/ruleset.test.ts'],
  },
  {
    file: 'edge-agent/src/proxy/ruleset.ts',
    search: `if (sourceRanges === undefined || sourceRanges.includes('0.0.0.0/0')) return target`,
    replace: `return target`,
    why: 'loadBalancerSourceRanges keep nobody out',
    tests: ['edge-agent/src/proxy/proxy.net.test.ts'],
  },
  {
    file: conntrack,
    search: `if (protocol !== 'UDP') continue`,
    replace: `continue`,
    why: 'a sender of UDP goes on to a pod that had the host port before',
    tests: ['edge-agent/src/proxy/ruleset.test.ts'],
  },
  {
    file: conntrack,
    search: `return left.size + came.size === 0 ? [] : [flow]`,
    replace: `return []`,
    why: 'a sender of UDP that was there before its Service never reaches it',
    tests: ['edge-agent/src/proxy/proxy.net.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/handlers/plain-http.ts',
    search: `if (bytes.length > 0) look(true)`,
    replace: ``,
    why: 'a device that hangs up hard after its answer is never ready',
    tests: ['edge-agent/src/kubelet/handlers/plain-http.test.ts'],
  },
  {
    file: 'shared/src/async/deadline.ts',
    search: `    clearTimeout(this.#timer)\n`,
    replace: ``,
    why: 'each deadline that is done with stays in memory until it would have passed',
    tests: ['shared/src/async/deadline.test.ts'],
  },
]
