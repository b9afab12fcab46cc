import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Cluster, decideCluster, readCluster } from './cluster-file.ts'
import { layoutOf } from './layout.ts'

let home: string
beforeEach(() => (home = mkdtempSync(`${tmpdir()}/bramble-home-`)))
afterEach(() => rmSync(home, { recursive: true }))

const networks = { httpsPort: 6443, mqttPort: 8883, clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' }
const madeAs = (cluster: Cluster) => {
  const layout = layoutOf(home)
  writeFileSync(layout.clusterFile, JSON.stringify(cluster))
  return layout
}

describe('a home that was started before', () => {
  const lab: Cluster = { ...networks, nodes: ['node-1', 'node-2'], lab: '10.201.0' }

  test('stays as it was decided, networks above all: its pods have their addresses from them', async () => {
    const layout = madeAs({ ...lab, clusterCidr: '10.44.0.0/16', serviceCidr: '10.45.0.0/16', httpsPort: 7443 })
    expect(await decideCluster(layout, {})).toEqual({ ...lab, clusterCidr: '10.44.0.0/16', serviceCidr: '10.45.0.0/16', httpsPort: 7443 })
  })

  test('takes other ports and more nodes, and keeps both for the next time', async () => {
    const layout = madeAs(lab)
    await decideCluster(layout, { nodes: 3, httpsPort: 7443 })
    expect(readCluster(layout)).toEqual({ ...lab, nodes: ['node-1', 'node-2', 'node-3'], httpsPort: 7443 })
  })

  test('does not lose a node because fewer are asked for: that says how to', async () => {
    const layout = madeAs(lab)
    await expect(decideCluster(layout, { nodes: 1 })).rejects.toThrow('delete a node with kubectl')
    expect(readCluster(layout)).toEqual(lab)
  })

  test("on this machine's own network takes no second node: that says where one can be had", async () => {
    const layout = madeAs({ ...networks, nodes: ['pi'] })
    await expect(decideCluster(layout, { nodes: 2 })).rejects.toThrow('take another --home')
    expect(await decideCluster(layout, { nodes: 1 })).toEqual({ ...networks, nodes: ['pi'] })
  })
})

test('there is no cluster where none was made', () => {
  expect(readCluster(layoutOf(home))).toBeUndefined()
})
