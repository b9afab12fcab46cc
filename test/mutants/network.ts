import type { Mutant } from './mutant.ts'

const routes = 'edge-agent/src/network/routes.ts'
const tests = ['edge-agent/src/network/routes.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: routes,
    search: `!wantedByDst.has(dst) && ours.some((cidr) => lies(parseCidr(dst), parseCidr(cidr)))`,
    replace: `!wantedByDst.has(dst)`,
    why: 'a second cluster on the machine loses its routes',
    tests,
  },
  {
    file: routes,
    search: `(b.cidr?.bits ?? 0) - (a.cidr?.bits ?? 0) || `,
    replace: ``,
    why: 'one node with a network too wide takes the routes of all others',
    tests,
  },
  {
    file: routes,
    search: `addresses.find((address) => isOnLink(address, localAddresses))`,
    replace: `addresses[0]`,
    why: 'packets for the pods of a far node go to the default gateway',
    tests,
  },
  {
    file: 'edge-agent/src/network/ipam-gc.ts',
    search: ` || statSync(path).mtimeMs >= olderThan`,
    replace: ``,
    why: 'the address of a pod that is just starting is given away again',
    tests: ['edge-agent/src/network/ipam-gc.test.ts'],
  },
  {
    file: 'edge-agent/src/network/steadiness.ts',
    search: `return monotonic - setAt >= forMs`,
    replace: `return true`,
    why: 'a clock that jumps makes every address look old',
    tests: ['edge-agent/src/network/steadiness.test.ts'],
  },
  {
    file: 'shared/src/meta/ip.ts',
    search: `bits >= outer.bits && `,
    replace: ``,
    why: 'a node network of the size of the whole cluster passes as lying inside it',
    tests: ['shared/src/meta/ip.test.ts'],
  },
  {
    file: 'edge-agent/src/proxy/proxy.ts',
    search: `knewServices || appliedVersion >= 0`,
    replace: `hasSynced() || appliedVersion >= -1`,
    why: 'pods of a board that has just joined send what they have for Services to the default gateway',
    tests: ['edge-agent/src/proxy/table.net.test.ts'],
  },
]
