import type { Command } from 'commander'
import { isAbort } from '@bramble/shared/process/service.ts'
import { stopOnSignals } from '@bramble/shared/process/stop-signals.ts'
import { missingPrograms } from '@bramble/edge-agent/host/programs.ts'
import { decideCluster } from '../cluster/cluster-file.ts'
import { layoutOf } from '../cluster/layout.ts'
import { startCluster, stopCluster, supervise } from '../cluster/up.ts'
import { defineCommand, UsageError } from '../command.ts'
import { readUpConfig, type UpConfig, upHelp } from '../config.ts'

export const up = defineCommand((program: Command) =>
  program
    .command('up')
    .description('start a whole cluster on this machine: a hub and N nodes')
    // Flags, environment and a config file are read together, as for hub and agent.
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(async (_options: unknown, { args }: Command) => {
      if (args.includes('--help')) console.log(upHelp())
      else await run(readUpConfig(args))
    }),
)

async function run({ home, detach, ...wishes }: UpConfig): Promise<void> {
  if (process.getuid?.() !== 0) throw new UsageError('bramble up needs root (containers, network rules): run it with sudo')
  const missing = await missingPrograms({ ownRuntime: true })
  if (missing !== undefined) throw new UsageError(missing)
  const layout = layoutOf(home)
  const cluster = await decideCluster(layout, wishes)
  const stop = stopOnSignals()
  try {
    await startCluster({ layout, cluster, signal: stop, say })
  } catch (error) {
    if (!isAbort(error, stop)) throw error
    // Detached, it may have been asked to heal a cluster whose pods are needed.
    if (detach) throw new UsageError(`stopped waiting: the cluster goes on starting; stop it with: bramble down --home ${layout.home}`)
    await stopCluster(layout, cluster, say)
    return
  }
  console.log(`
The cluster is up: ${cluster.nodes.length} node${cluster.nodes.length > 1 ? 's' : ''}. Type next:

  export KUBECONFIG=${layout.kubeconfig}
  kubectl get nodes -o wide
${detach ? `\nStop it with: bramble down --home ${layout.home}` : '\nCtrl-C stops everything; started again, it is as it was.'}`)
  if (detach) return
  await supervise(layout, cluster, stop, say)
  await stopCluster(layout, cluster, say)
}

const say = (line: string) => console.log(line)
