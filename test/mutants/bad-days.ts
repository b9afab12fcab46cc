import type { Mutant } from './mutant.ts'

const cache = ['edge-agent/src/cache/sqlite-cache.disk.test.ts']
const outbox = ['edge-agent/src/link/outbox.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/cache/open-database.ts',
    search: `    if (!isInOrder(database)) {`,
    replace: `    isInOrder(database)\n    if (file !== '') {`,
    why: 'an agent writes to the card at each start, and does not start on a full one',
    tests: cache,
  },
  {
    file: 'edge-agent/src/cache/sqlite-cache.ts',
    search: `if (disk === undefined || problem !== undefined) return false`,
    replace: `if (disk === undefined) return false`,
    why: 'the disk holds a later change without an earlier one that was refused',
    tests: cache,
  },
  {
    file: 'edge-agent/src/cache/seal.ts',
    search: `      if (!isKept) writeFileAtomic(keyFile, key, 0o600)`,
    replace: ``,
    why: 'Secrets are sealed with a key that is nowhere',
    tests: cache,
  },
  {
    file: 'edge-agent/src/link/outbox.ts',
    search: `        entry.notBefore = clock.monotonic() + entry.backoff.next()`,
    replace: `        entry.notBefore = 0`,
    why: 'a status that the hub cannot take is sent again without a pause',
    tests: outbox,
  },
  {
    file: 'edge-agent/src/kubelet/status/status-patch.ts',
    search: `    conditions: ownOf(status).map(`,
    replace: `    conditions: [{ $patch: 'replace' } as never, ...ownOf(status)].map(`,
    why: 'readiness gates and DisruptionTarget vanish at the next status',
    tests: outbox,
  },
  {
    file: 'edge-agent/src/kubelet/steps/ensure-image.ts',
    search: `const known = policy === 'Always' && isUnreachable(error) ? `,
    replace: `const known = policy === 'Always' ? `,
    why: 'a pod that may not have an image any more starts with it',
    tests: ['edge-agent/src/kubelet/steps/ensure-image.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/active-time.ts',
    search: `if (anchor.bootId !== bootId) return keep(anchor.activeMs)`,
    replace: `if (anchor.bootId !== bootId) return keep(toldBefore(pod, clock.now()))`,
    why: 'a clock that is set after a power cut kills pods with a deadline',
    tests: ['edge-agent/src/kubelet/plan/active-time.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/endings.ts',
    search: `if (known?.bootId === bootId) return known.at`,
    replace: ``,
    why: 'each sidecar, and each restart of the agent, gets the whole grace anew',
    tests: ['edge-agent/src/kubelet/steps/stop-container.test.ts'],
  },
  {
    file: 'edge-agent/src/runtime/start-failure.ts',
    search: `isDamage: !disk.test(text) && damage`,
    replace: `isDamage: damage`,
    why: 'a full disk costs the node its containers',
    tests: ['edge-agent/src/runtime/start-failure.test.ts'],
  },
  {
    file: 'shared/src/async/linked-signal.ts',
    search: `    for (const source of sources) source.removeEventListener('abort', onAbort)`,
    replace: ``,
    why: 'every command leaves a listener on the signal of the agent',
    tests: ['shared/src/async/linked-signal.test.ts'],
  },
  {
    file: 'edge-agent/src/cache/named-values.ts',
    search: `    this.#held.delete(file)\n    this.#heldBytes -= bytes\n  }\n\n  /** The whole`,
    replace: `  }\n\n  /** The whole`,
    why: 'forty ConfigMaps of a megabyte that a pod names are held in memory, and some more end the agent',
    tests: ['edge-agent/src/cache/named-values.test.ts'],
  },
  {
    file: 'edge-agent/src/link/hub-time.ts',
    search: `return isOwnRight || notAfter < known`,
    replace: `return isOwnRight || notAfter < own`,
    why: 'a board whose clock is years ahead is locked out',
    tests: ['edge-agent/src/link/hub-socket.test.ts'],
  },
  {
    file: 'hub/src/identity/believed-clock.ts',
    search: `own > counted + yearMs`,
    replace: `own > counted + 100 * yearMs`,
    why: 'a hub whose clock jumps years ahead ends every certificate of its cluster',
    tests: ['hub/src/identity/believed-clock.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/peer.ts',
    search: `isOfTime(socket.authorizationError) && isIssuedBy`,
    replace: `isOfTime('') && isIssuedBy`,
    why: 'the HTTPS door refuses by a clock that the hub has reason not to believe',
    tests: ['hub/src/apiserver/http/server.test.ts'],
  },
  {
    file: 'edge-agent/src/link/identity/credentials.ts',
    search: `if (next.key === current?.key) current = next`,
    replace: ``,
    why: 'a renewed certificate that a full disk refuses is asked for again each minute',
    tests: ['edge-agent/src/link/identity/credentials.test.ts'],
  },
  {
    file: 'hub/src/apiserver/bootstrap.ts',
    search: "await unlessRefused('the authorities of other servers', () => publishAuthentication(handle, frontProxy))",
    replace: 'await publishAuthentication(handle, frontProxy)',
    why: 'a ConfigMap that somebody made immutable keeps the hub from starting',
    tests: ['hub/src/apiserver/behaviour/starting-again.test.ts'],
  },
]
