import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeAllCgroups } from '../../edge-agent/src/kubelet/resources/cgroups.ts'
import { importImage } from '../../edge-agent/src/runtime/images.ts'
import { ociArchive } from '../../edge-agent/src/runtime/oci-archive.ts'
import { busyboxImage, canRunContainerd, type ContainerdNode, startContainerdNode, whyNoContainerd } from '../harness/containerd-node.ts'

describe.skipIf(!canRunContainerd)(`CRI on a real containerd${whyNoContainerd}`, () => {
  let node: ContainerdNode
  beforeAll(async () => {
    node = await startContainerdNode()
  })
  afterAll(async () => {
    await node?.stop()
    await removeAllCgroups('test')
  })

  const sandbox = (name: string) => ({
    metadata: { name, uid: `uid-${name}`, namespace: 'default', attempt: 0 },
    hostname: name,
    logDirectory: `${node.dir}/logs/${name}`,
    labels: { app: name },
    linux: { cgroupParent: '/bramble-test/kubepods', securityContext: { namespaceOptions: { pid: 'CONTAINER' as const } } },
  })

  it('says who it is', async () => {
    expect(await node.cri.version()).toMatchObject({ runtimeName: 'containerd' })
    expect((await node.cri.status()).map(({ type, status }) => `${type}=${status}`)).toContain('NetworkReady=true')
  })

  it('runs a command in a container of a sandbox with an address', async () => {
    const { cri } = node
    const config = sandbox('one')
    const sandboxId = await cri.runPodSandbox(config)
    expect((await cri.podSandboxStatus(sandboxId))?.network?.ip).toMatch(/^10\.99\.0\./)
    const container = { metadata: { name: 'main', attempt: 0 }, image: { image: busyboxImage }, command: ['/bin/sleep', '1000'] }
    const id = await cri.createContainer(sandboxId, container, config)
    await cri.startContainer(id)
    const { stdout, exitCode } = await cri.execSync(id, ['/bin/sh', '-c', 'echo hi; exit 3'], { timeoutMs: 30_000 })
    expect([Buffer.from(stdout).toString(), exitCode]).toEqual(['hi\n', 3])
    await cri.stopContainer(id, 0)
    expect(await cri.containerStatus(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137, reason: 'Error' })
    await cri.stopPodSandbox(sandboxId)
    await cri.removePodSandbox(sandboxId)
    await cri.removePodSandbox(sandboxId)
    expect(await cri.podSandboxStatus(sandboxId)).toBeUndefined()
  })

  it('tells an image with its platform, and undefined for a missing one', async () => {
    expect(await node.cri.imageInfo(busyboxImage)).toMatchObject({ platform: process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64' })
    expect(await node.cri.imageStatus('docker.io/library/missing:1')).toBeUndefined()
  })

  it('knows an image of another architecture by its platform', async () => {
    const architecture = process.arch === 'arm64' ? 'amd64' : 'arm64'
    const name = 'docker.io/library/foreign:1'
    const file = `${node.dir}/foreign.tar`
    const files = [{ path: 'hello', mode: 0o755, data: Buffer.from('x') }]
    writeFileSync(file, ociArchive({ name, architecture, files, config: { Entrypoint: ['/hello'] } }))
    await importImage(node.socket, file)
    await expect.poll(async () => (await node.cri.imageInfo(name))?.platform).toBe(`linux/${architecture}`)
  })

  it('fails with the code and the words of the runtime', async () => {
    await expect(node.cri.startContainer('nope')).rejects.toMatchObject({ name: 'CriError', code: 'NOT_FOUND' })
  })

  it('goes on after containerd was restarted', async () => {
    await node.restart()
    expect(await node.cri.version()).toMatchObject({ runtimeName: 'containerd' })
  })
})
