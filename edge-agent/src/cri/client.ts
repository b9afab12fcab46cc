import { connect } from 'node:net'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import type { Cri, CriOptions } from './cri.ts'
import { isCriError } from './cri-error.ts'
import { createGrpc } from './grpc.ts'
import { imageFacts } from './image-facts.ts'
import { networkFacts } from './network-facts.ts'
import { enums, messages, type MessageName, type Read, type Sent } from './messages.ts'

// Reading what the runtime knows takes milliseconds; when a busy board takes longer than this, trying again is the better answer.
const readMs = 30_000
// Making a sandbox sets up its network and, on an SD card, reads the pause image for the first time.
const changeMs = 240_000
// A large image over a slow link takes hours; a registry that says nothing more must not hold its place for ever.
const pullMs = 6 * 3_600_000
const maxOutputBytes = 16 * 1024
// The runtime counts nanoseconds in 64 bits: a longer grace would come out negative, which is none at all.
const mostGraceSeconds = 2 ** 31 - 1

/** CRI v1 over the runtime's unix socket; containerd and CRI-O alike. */
export function createCri(socketPath: string): Cri {
  const codec = createCodec({ messages, enums })
  const grpc = createGrpc(() => connect(socketPath))

  const call =
    (service: 'RuntimeService' | 'ImageService', defaultMs: number | undefined) =>
    async <I extends MessageName, O extends MessageName>(
      method: string,
      [input, value, output]: readonly [I, Sent<I>, O],
      { signal, timeoutMs = defaultMs, maxFieldBytes }: CriOptions & { readonly maxFieldBytes?: number } = {},
    ): Promise<Read<O>> => {
      const message = codec.encode(input, value)
      const answer = await grpc.unary({ path: `/runtime.v1.${service}/${method}`, message, timeoutMs, signal, maxFieldBytes })
      return codec.decode(output, answer) as Read<O> // the codec reads by the same table the type is made from
    }
  const read = call('RuntimeService', readMs)
  const change = call('RuntimeService', changeMs)
  const readImage = call('ImageService', readMs)
  const changeImage = call('ImageService', pullMs)

  return {
    version: (options) => read('Version', ['VersionRequest', { version: 'v1' }, 'VersionResponse'], options),
    async status(options) {
      const { status } = await read('Status', ['StatusRequest', {}, 'StatusResponse'], options)
      return status?.conditions ?? []
    },

    async runPodSandbox(config, options) {
      return (await change('RunPodSandbox', ['RunPodSandboxRequest', { config }, 'RunPodSandboxResponse'], options)).podSandboxId
    },
    async stopPodSandbox(podSandboxId, options) {
      await goneIsFine(change('StopPodSandbox', ['StopPodSandboxRequest', { podSandboxId }, 'StopPodSandboxResponse'], options))
    },
    async removePodSandbox(podSandboxId, options) {
      await goneIsFine(change('RemovePodSandbox', ['RemovePodSandboxRequest', { podSandboxId }, 'RemovePodSandboxResponse'], options))
    },
    async listPodSandboxes({ labels } = {}, options) {
      const filter = labels && { labelSelector: labels }
      return (await read('ListPodSandbox', ['ListPodSandboxRequest', { filter }, 'ListPodSandboxResponse'], options)).items
    },
    async podSandboxStatus(podSandboxId, options) {
      const answer = read('PodSandboxStatus', ['PodSandboxStatusRequest', { podSandboxId }, 'PodSandboxStatusResponse'], options)
      return (await goneIsFine(answer))?.status
    },
    async podSandboxNetwork(podSandboxId, options) {
      const request = { podSandboxId, verbose: true }
      const answer = read('PodSandboxStatus', ['PodSandboxStatusRequest', request, 'PodSandboxStatusResponse'], options)
      const { status, info } = (await goneIsFine(answer)) ?? {}
      return status && networkFacts(status, info?.info)
    },

    async createContainer(podSandboxId, config, sandboxConfig, options) {
      const request = { podSandboxId, config, sandboxConfig }
      return (await change('CreateContainer', ['CreateContainerRequest', request, 'CreateContainerResponse'], options)).containerId
    },
    async startContainer(containerId, options) {
      await change('StartContainer', ['StartContainerRequest', { containerId }, 'StartContainerResponse'], options)
    },
    async stopContainer(containerId, graceSeconds, options) {
      const request = { containerId, timeout: Math.min(graceSeconds, mostGraceSeconds) }
      const timeoutMs = graceSeconds * 1000 + changeMs
      await goneIsFine(change('StopContainer', ['StopContainerRequest', request, 'StopContainerResponse'], { timeoutMs, ...options }))
    },
    async removeContainer(containerId, options) {
      await goneIsFine(change('RemoveContainer', ['RemoveContainerRequest', { containerId }, 'RemoveContainerResponse'], options))
    },
    async listContainers({ labels } = {}, options) {
      const filter = labels && { labelSelector: labels }
      return (await read('ListContainers', ['ListContainersRequest', { filter }, 'ListContainersResponse'], options)).containers
    },
    async containerStatus(containerId, options) {
      const answer = read('ContainerStatus', ['ContainerStatusRequest', { containerId }, 'ContainerStatusResponse'], options)
      return (await goneIsFine(answer))?.status
    },
    async execSync(containerId, cmd, { timeoutMs, signal }) {
      // The runtime counts whole seconds and kills the command; our own deadline only covers a runtime that hangs.
      const request = { containerId, cmd, timeout: Math.max(1, Math.ceil(timeoutMs / 1000)) }
      const options = { signal, timeoutMs: request.timeout * 1000 + 5000, maxFieldBytes: maxOutputBytes }
      return read('ExecSync', ['ExecSyncRequest', request, 'ExecSyncResponse'], options)
    },
    async exec(containerId, cmd, { stdin, stdout, stderr, tty }, options) {
      const request = { containerId, cmd, stdin, stdout, stderr, tty }
      return (await read('Exec', ['ExecRequest', request, 'ExecResponse'], options)).url
    },
    async attach(containerId, { stdin, stdout, stderr, tty }, options) {
      return (await read('Attach', ['AttachRequest', { containerId, stdin, stdout, stderr, tty }, 'AttachResponse'], options)).url
    },
    async reopenContainerLog(containerId, options) {
      await read('ReopenContainerLog', ['ReopenContainerLogRequest', { containerId }, 'ReopenContainerLogResponse'], options)
    },
    async containerStats(containerId, options) {
      const answer = read('ContainerStats', ['ContainerStatsRequest', { containerId }, 'ContainerStatsResponse'], options)
      return (await goneIsFine(answer))?.stats
    },
    async listContainerStats(options) {
      return (await read('ListContainerStats', ['ListContainerStatsRequest', {}, 'ListContainerStatsResponse'], options)).stats
    },

    async pullImage(image, { auth, sandbox, ...options } = {}) {
      const request = { image: { image }, auth, sandboxConfig: sandbox }
      return (await changeImage('PullImage', ['PullImageRequest', request, 'PullImageResponse'], options)).imageRef
    },
    async imageStatus(image, options) {
      return (await readImage('ImageStatus', ['ImageStatusRequest', { image: { image } }, 'ImageStatusResponse'], options)).image
    },
    async imageInfo(name, options) {
      const request = { image: { image: name }, verbose: true }
      const { image, info } = await readImage('ImageStatus', ['ImageStatusRequest', request, 'ImageStatusResponse'], options)
      return image && { image, ...imageFacts(info.info) }
    },
    async listImages(options) {
      return (await readImage('ListImages', ['ListImagesRequest', {}, 'ListImagesResponse'], options)).images
    },
    async removeImage(image, options) {
      await changeImage('RemoveImage', ['RemoveImageRequest', { image: { image } }, 'RemoveImageResponse'], options)
    },

    close: grpc.close,
  }
}

/** What should be gone and is gone already is no failure. */
async function goneIsFine<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isCriError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
