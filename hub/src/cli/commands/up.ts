import { type Command, InvalidArgumentError } from 'commander'
import { decideCluster } from '../cluster/cluster-file.ts'
import { defaultHome } from '../config.ts'
import { layoutOf } from '../cluster/layout.ts'
import { startCluster, stopCluster, supervise } from '../cluster/up.ts'
import { defineCommand, UsageError } from '../command.ts'

type Options = { home: string; nodes?: number; httpsPort?: number; mqttPort?: number; detach?: true }

export const up = defineCommand((program: Command) =>
  program
    .command('up')
    .description('start a whole cluster on this machine: a hub and N nodes')
    .option('--nodes <n>', 'how many; from 2 on each has its own network namespace and containerd (default 1)', whole(1, 50))
    .option('--home <dir>', 'where everything is kept', defaultHome())
    .option('--https-port <port>', 'port of the Kubernetes API (default 6443)', whole(1, 65_535))
    .option('--mqtt-port <port>', 'port where agents connect (default 8883)', whole(1, 65_535))
    .option('--detach', 'return when the nodes are Ready, instead of staying until Ctrl-C')
    .action(run),
)

async function run({ home, detach, ...wishes }: Options): Promise<void> {
  if (process.getuid?.() !== 0) throw new UsageError('bramble up needs root (containers, network rules): run it with sudo')
  const layout = layoutOf(home)
  const cluster = await decideCluster(layout, wishes)
  await startCluster(layout, cluster, say)
  console.log(`
The cluster is up: ${cluster.nodes.length} node${cluster.nodes.length > 1 ? 's' : ''}. Type next:

  export KUBECONFIG=${layout.kubeconfig}
  kubectl get nodes -o wide
${detach ? `\nStop it with: bramble down --home ${layout.home}` : '\nCtrl-C stops everything; started again, it is as it was.'}`)
  if (detach) return

  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130)
      stop.abort()
    })
  }
  await supervise(layout, cluster, stop.signal, say)
  await stopCluster(layout, cluster, say)
}

const say = (line: string) => console.log(line)

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}, found ${text}.`)
    return value
  }
}
