import type { Read, Sent } from './messages.ts'

export type PodSandboxConfig = Sent<'PodSandboxConfig'>
export type ContainerConfig = Sent<'ContainerConfig'>
export type ContainerResources = Sent<'LinuxContainerResources'>
export type PodSandbox = Read<'PodSandbox'>
export type PodSandboxStatus = Read<'PodSandboxStatus'>
export type Container = Read<'Container'>
export type ContainerStatus = Read<'ContainerStatus'>
export type ContainerStats = Read<'ContainerStats'>
export type Image = Read<'Image'>
export type RegistryAuth = Sent<'AuthConfig'>

export type CriOptions = { readonly signal?: AbortSignal; readonly timeoutMs?: number }
export type CriFilter = { readonly labels?: Readonly<Record<string, string>> }
export type ExecResult = { readonly stdout: Uint8Array; readonly stderr: Uint8Array; readonly exitCode: number }
/** Which of its streams somebody wants. With `tty` there is no `stderr`: the terminal has one output. */
export type StreamsOfCommand = { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean }

/** What the agent uses of CRI v1. Every call has a deadline and fails with a `CriError`. */
export type Cri = {
  version(options?: CriOptions): Promise<{ readonly runtimeName: string; readonly runtimeVersion: string }>
  /** The runtime's own conditions: RuntimeReady, NetworkReady. */
  status(options?: CriOptions): Promise<readonly Read<'RuntimeCondition'>[]>

  runPodSandbox(config: PodSandboxConfig, options?: CriOptions): Promise<string>
  stopPodSandbox(id: string, options?: CriOptions): Promise<void>
  removePodSandbox(id: string, options?: CriOptions): Promise<void>
  listPodSandboxes(filter?: CriFilter, options?: CriOptions): Promise<readonly PodSandbox[]>
  /** Undefined when there is no such sandbox (any more). */
  podSandboxStatus(id: string, options?: CriOptions): Promise<PodSandboxStatus | undefined>
  /** In which network it is; undefined as above. */
  podSandboxNetwork(id: string, options?: CriOptions): Promise<SandboxNetwork | undefined>

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: PodSandboxConfig, options?: CriOptions): Promise<string>
  startContainer(id: string, options?: CriOptions): Promise<void>
  /** Answers when the container has stopped; it is killed `graceSeconds` after its stop signal. */
  stopContainer(id: string, graceSeconds: number, options?: CriOptions): Promise<void>
  removeContainer(id: string, options?: CriOptions): Promise<void>
  listContainers(filter?: CriFilter, options?: CriOptions): Promise<readonly Container[]>
  containerStatus(id: string, options?: CriOptions): Promise<ContainerStatus | undefined>
  /** `timeoutMs` is the command's own time; its output is cut at 16 KiB each. */
  execSync(id: string, command: readonly string[], options: CriOptions & { readonly timeoutMs: number }): Promise<ExecResult>
  /** Each answers where its streams are to be fetched, once and soon: see `openStreaming`. */
  exec(id: string, command: readonly string[], streams: StreamsOfCommand, options?: CriOptions): Promise<string>
  attach(id: string, streams: StreamsOfCommand, options?: CriOptions): Promise<string>
  reopenContainerLog(id: string, options?: CriOptions): Promise<void>
  containerStats(id: string, options?: CriOptions): Promise<ContainerStats | undefined>
  listContainerStats(options?: CriOptions): Promise<readonly ContainerStats[]>

  /** Answers the image's reference (its id). The deadline is hours, for slow links: abort with the signal. */
  pullImage(image: string, options?: CriOptions & { readonly auth?: RegistryAuth; readonly sandbox?: PodSandboxConfig }): Promise<string>
  imageStatus(image: string, options?: CriOptions): Promise<Image | undefined>
  /** The image's configuration as the runtime tells it: `{ os, architecture }` and users are read from it. */
  imageInfo(image: string, options?: CriOptions): Promise<ImageInfo | undefined>
  listImages(options?: CriOptions): Promise<readonly Image[]>
  removeImage(image: string, options?: CriOptions): Promise<void>

  close(): void
}

/** That of the machine, or the file of a namespace; neither where the runtime does not say which. */
export type SandboxNetwork = { readonly of: 'host' } | { readonly of: 'pod'; readonly file: string } | { readonly of: 'nobody knows' }

export type ImageInfo = {
  readonly image: Image
  /** `linux/arm64`, `linux/arm/v7`; undefined when the runtime does not say. */
  readonly platform?: string
  /** `Config.User` of the image: `1000`, `nobody`, `1000:1000` or ''. */
  readonly user?: string
}
