import type { Mutant } from './mutant.ts'

const clusterFile = 'hub/src/cli/cluster/cluster-file.ts'
const token = 'hub/src/cli/commands/token.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/cli/cluster/processes.ts',
    search: `      'agent',
      ...['--hub',`,
    replace: `      'agent',
      ...(token === undefined ? [] : ['--token', token]),
      ...['--hub',`,
    why: 'ps shows a join token to everybody on the machine',
    tests: ['hub/src/cli/cluster/processes.test.ts'],
  },
  {
    file: 'hub/src/cli/cluster/layout.ts',
    search: `.update(root)`,
    replace: `.update('bramble')`,
    why: 'a second cluster on the machine takes the first one down with its own',
    tests: ['hub/src/cli/cluster/processes.test.ts'],
  },
  {
    file: clusterFile,
    search: `if (nodes < known.nodes.length)`,
    replace: `if (nodes < 1)`,
    why: 'bramble up with fewer nodes forgets one that still runs pods',
    tests: ['hub/src/cli/cluster/cluster-file.test.ts'],
  },
  {
    file: clusterFile,
    search: `known === undefined ? await newCluster(wishes) : changed(layout, known, wishes)`,
    replace: `await newCluster({ ...known, nodes: known?.nodes.length, ...wishes })`,
    why: 'a cluster that is started again has other networks than its pods',
    tests: ['hub/src/cli/cluster/cluster-file.test.ts'],
  },
  {
    file: token,
    search: `m: 60_000, h: 3_600_000`,
    replace: `m: 1_000, h: 60_000`,
    why: 'a token is over before its board is in the rack',
    tests: ['hub/src/cli/commands/token.test.ts'],
  },
  {
    file: token,
    search: String.raw`/^[1-9]\d{0,4}$/`,
    replace: String.raw`/^\d+/`,
    why: 'a token for no board, or for more than can be counted, is made without a word',
    tests: ['hub/src/cli/commands/token.test.ts'],
  },
  {
    file: 'edge-agent/src/host/daemon.ts',
    search: `startTimeOf(Number(pid)) === startTime ?`,
    replace: `startTimeOf(Number(pid)) !== undefined ?`,
    why: 'bramble down after a reboot kills whoever has the pid now',
    tests: ['edge-agent/src/host/daemon.test.ts'],
  },
]
