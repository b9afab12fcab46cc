import { command } from './cluster.ts'

/** A machine beside the cluster's own, as a network of its own: what it says goes over a cable that a test cuts without a word. */
export async function machineApart(name: string, net: string) {
  const must = async (file: string, ...args: readonly string[]) => {
    const { code, stderr } = await command(file, args)
    if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`)
  }
  const inside = ['ip', 'netns', 'exec', name]
  const within = (...words: readonly string[]) => must(words[0] ?? '', ...words.slice(1))
  await must('ip', 'netns', 'add', name)
  await must('ip', 'link', 'add', `${name}-a`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  await must('ip', 'addr', 'add', `${net}.1/24`, 'dev', `${name}-a`)
  await must('ip', 'link', 'set', `${name}-a`, 'up')
  await within(...inside, 'ip', 'addr', 'add', `${net}.2/24`, 'dev', 'eth0')
  await within(...inside, 'ip', 'link', 'set', 'eth0', 'up')
  return {
    /** Words before a command that is to run there. */
    inside,
    /** Where it finds this machine. */
    host: `${net}.1`,
    /** Its own. */
    address: `${net}.2`,
    /** From now on nothing gets in or out, and nobody is told. */
    vanish: () => within(...inside, 'nft', silence),
    async [Symbol.asyncDispose]() {
      await command('ip', ['netns', 'del', name])
      // The kernel keeps a network for the connections that were still closing in it, and the cable with it.
      await command('ip', ['link', 'del', `${name}-a`])
    },
  }
}

/** For `nft`: every packet is dropped. */
export const silence = `table inet silence {
  chain input {
    type filter hook input priority -10; policy drop;
  }
  chain output {
    type filter hook output priority -10; policy drop;
  }
}`
