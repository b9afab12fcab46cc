// The part of CRI v1 (package runtime.v1), of containerd's events service and of gRPC health checks that the agent speaks.
export const messages = {
  VersionRequest: { version: [1, 'string'] },
  VersionResponse: { version: [1, 'string'], runtimeName: [2, 'string'], runtimeVersion: [3, 'string'], runtimeApiVersion: [4, 'string'] },
  DNSConfig: { servers: [1, 'repeated string'], searches: [2, 'repeated string'], options: [3, 'repeated string'] },
  Mount: { containerPath: [1, 'string'], hostPath: [2, 'string'], readonly: [3, 'bool'], propagation: [5, 'MountPropagation'] },
  NamespaceOption: { network: [1, 'NamespaceMode'], pid: [2, 'NamespaceMode'], ipc: [3, 'NamespaceMode'], targetId: [4, 'string'] },
  Int64Value: { value: [1, 'int64'] },
  LinuxSandboxSecurityContext: {
    namespaceOptions: [1, 'NamespaceOption'],
    runAsUser: [3, 'Int64Value'],
    runAsGroup: [8, 'Int64Value'],
    readonlyRootfs: [4, 'bool'],
    supplementalGroups: [5, 'repeated int64'],
    privileged: [6, 'bool'],
    seccomp: [9, 'SecurityProfile'],
  },
  SecurityProfile: { profileType: [1, 'ProfileType'], localhostRef: [2, 'string'] },
  LinuxPodSandboxConfig: {
    cgroupParent: [1, 'string'],
    securityContext: [2, 'LinuxSandboxSecurityContext'],
    sysctls: [3, 'map<string,string>'],
  },
  PodSandboxMetadata: { name: [1, 'string'], uid: [2, 'string'], namespace: [3, 'string'], attempt: [4, 'uint32'] },
  PodSandboxConfig: {
    metadata: [1, 'PodSandboxMetadata'],
    hostname: [2, 'string'],
    logDirectory: [3, 'string'],
    dnsConfig: [4, 'DNSConfig'],
    labels: [6, 'map<string,string>'],
    annotations: [7, 'map<string,string>'],
    linux: [8, 'LinuxPodSandboxConfig'],
  },
  RunPodSandboxRequest: { config: [1, 'PodSandboxConfig'], runtimeHandler: [2, 'string'] },
  RunPodSandboxResponse: { podSandboxId: [1, 'string'] },
  StopPodSandboxRequest: { podSandboxId: [1, 'string'] },
  StopPodSandboxResponse: {},
  RemovePodSandboxRequest: { podSandboxId: [1, 'string'] },
  RemovePodSandboxResponse: {},
  PodSandboxStatusRequest: { podSandboxId: [1, 'string'], verbose: [2, 'bool'] },
  PodIP: { ip: [1, 'string'] },
  PodSandboxNetworkStatus: { ip: [1, 'string'], additionalIps: [2, 'repeated PodIP'] },
  LinuxPodSandboxStatus: { namespaces: [1, 'SandboxNamespaces'] },
  SandboxNamespaces: { options: [2, 'NamespaceOption'] },
  PodSandboxStatus: {
    id: [1, 'string'],
    metadata: [2, 'PodSandboxMetadata'],
    state: [3, 'PodSandboxState'],
    createdAt: [4, 'int64'],
    network: [5, 'PodSandboxNetworkStatus'],
    linux: [6, 'LinuxPodSandboxStatus'],
    labels: [7, 'map<string,string>'],
    annotations: [8, 'map<string,string>'],
    runtimeHandler: [9, 'string'],
  },
  PodSandboxStatusResponse: { status: [1, 'PodSandboxStatus'], info: [2, 'map<string,string>'] },
  PodSandboxStateValue: { state: [1, 'PodSandboxState'] },
  PodSandboxFilter: { id: [1, 'string'], state: [2, 'PodSandboxStateValue'], labelSelector: [3, 'map<string,string>'] },
  ListPodSandboxRequest: { filter: [1, 'PodSandboxFilter'] },
  PodSandbox: {
    id: [1, 'string'],
    metadata: [2, 'PodSandboxMetadata'],
    state: [3, 'PodSandboxState'],
    createdAt: [4, 'int64'],
    labels: [5, 'map<string,string>'],
    annotations: [6, 'map<string,string>'],
    runtimeHandler: [7, 'string'],
  },
  ListPodSandboxResponse: { items: [1, 'repeated PodSandbox'] },
  ImageSpec: { image: [1, 'string'], annotations: [2, 'map<string,string>'] },
  KeyValue: { key: [1, 'string'], value: [2, 'bytes'] },
  LinuxContainerResources: {
    cpuPeriod: [1, 'int64'],
    cpuQuota: [2, 'int64'],
    cpuShares: [3, 'int64'],
    memoryLimitInBytes: [4, 'int64'],
    oomScoreAdj: [5, 'int64'],
    memorySwapLimitInBytes: [10, 'int64'],
  },
  Capability: {
    addCapabilities: [1, 'repeated string'],
    dropCapabilities: [2, 'repeated string'],
    addAmbientCapabilities: [3, 'repeated string'],
  },
  LinuxContainerSecurityContext: {
    capabilities: [1, 'Capability'],
    privileged: [2, 'bool'],
    namespaceOptions: [3, 'NamespaceOption'],
    runAsUser: [5, 'Int64Value'],
    runAsGroup: [12, 'Int64Value'],
    runAsUsername: [6, 'string'],
    readonlyRootfs: [7, 'bool'],
    supplementalGroups: [8, 'repeated int64'],
    noNewPrivs: [11, 'bool'],
    maskedPaths: [13, 'repeated string'],
    readonlyPaths: [14, 'repeated string'],
    seccomp: [15, 'SecurityProfile'],
  },
  LinuxContainerConfig: { resources: [1, 'LinuxContainerResources'], securityContext: [2, 'LinuxContainerSecurityContext'] },
  ContainerMetadata: { name: [1, 'string'], attempt: [2, 'uint32'] },
  Device: { containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] },
  ContainerConfig: {
    metadata: [1, 'ContainerMetadata'],
    image: [2, 'ImageSpec'],
    command: [3, 'repeated string'],
    args: [4, 'repeated string'],
    workingDir: [5, 'string'],
    envs: [6, 'repeated KeyValue'],
    mounts: [7, 'repeated Mount'],
    devices: [8, 'repeated Device'],
    labels: [9, 'map<string,string>'],
    annotations: [10, 'map<string,string>'],
    logPath: [11, 'string'],
    stdin: [12, 'bool'],
    stdinOnce: [13, 'bool'],
    tty: [14, 'bool'],
    linux: [15, 'LinuxContainerConfig'],
  },
  CreateContainerRequest: { podSandboxId: [1, 'string'], config: [2, 'ContainerConfig'], sandboxConfig: [3, 'PodSandboxConfig'] },
  CreateContainerResponse: { containerId: [1, 'string'] },
  StartContainerRequest: { containerId: [1, 'string'] },
  StartContainerResponse: {},
  StopContainerRequest: { containerId: [1, 'string'], timeout: [2, 'int64'] },
  StopContainerResponse: {},
  RemoveContainerRequest: { containerId: [1, 'string'] },
  RemoveContainerResponse: {},
  ContainerStateValue: { state: [1, 'ContainerState'] },
  ContainerFilter: {
    id: [1, 'string'],
    state: [2, 'ContainerStateValue'],
    podSandboxId: [3, 'string'],
    labelSelector: [4, 'map<string,string>'],
  },
  ListContainersRequest: { filter: [1, 'ContainerFilter'] },
  Container: {
    id: [1, 'string'],
    podSandboxId: [2, 'string'],
    metadata: [3, 'ContainerMetadata'],
    image: [4, 'ImageSpec'],
    imageRef: [5, 'string'],
    state: [6, 'ContainerState'],
    createdAt: [7, 'int64'],
    labels: [8, 'map<string,string>'],
    annotations: [9, 'map<string,string>'],
    imageId: [10, 'string'],
  },
  ListContainersResponse: { containers: [1, 'repeated Container'] },
  ContainerStatusRequest: { containerId: [1, 'string'], verbose: [2, 'bool'] },
  ContainerStatus: {
    id: [1, 'string'],
    metadata: [2, 'ContainerMetadata'],
    state: [3, 'ContainerState'],
    createdAt: [4, 'int64'],
    startedAt: [5, 'int64'],
    finishedAt: [6, 'int64'],
    exitCode: [7, 'int32'],
    image: [8, 'ImageSpec'],
    imageRef: [9, 'string'],
    reason: [10, 'string'],
    message: [11, 'string'],
    labels: [12, 'map<string,string>'],
    annotations: [13, 'map<string,string>'],
    mounts: [14, 'repeated Mount'],
    logPath: [15, 'string'],
    imageId: [17, 'string'],
  },
  ContainerStatusResponse: { status: [1, 'ContainerStatus'], info: [2, 'map<string,string>'] },
  ExecSyncRequest: { containerId: [1, 'string'], cmd: [2, 'repeated string'], timeout: [3, 'int64'] },
  ExecSyncResponse: { stdout: [1, 'bytes'], stderr: [2, 'bytes'], exitCode: [3, 'int32'] },
  ExecRequest: {
    containerId: [1, 'string'],
    cmd: [2, 'repeated string'],
    tty: [3, 'bool'],
    stdin: [4, 'bool'],
    stdout: [5, 'bool'],
    stderr: [6, 'bool'],
  },
  ExecResponse: { url: [1, 'string'] },
  AttachRequest: { containerId: [1, 'string'], stdin: [2, 'bool'], tty: [3, 'bool'], stdout: [4, 'bool'], stderr: [5, 'bool'] },
  AttachResponse: { url: [1, 'string'] },
  ImageFilter: { image: [1, 'ImageSpec'] },
  ListImagesRequest: { filter: [1, 'ImageFilter'] },
  Image: {
    id: [1, 'string'],
    repoTags: [2, 'repeated string'],
    repoDigests: [3, 'repeated string'],
    size: [4, 'uint64'],
    spec: [7, 'ImageSpec'],
    pinned: [8, 'bool'],
  },
  ListImagesResponse: { images: [1, 'repeated Image'] },
  ImageStatusRequest: { image: [1, 'ImageSpec'], verbose: [2, 'bool'] },
  ImageStatusResponse: { image: [1, 'Image'], info: [2, 'map<string,string>'] },
  AuthConfig: {
    username: [1, 'string'],
    password: [2, 'string'],
    auth: [3, 'string'],
    serverAddress: [4, 'string'],
    identityToken: [5, 'string'],
    registryToken: [6, 'string'],
  },
  PullImageRequest: { image: [1, 'ImageSpec'], auth: [2, 'AuthConfig'], sandboxConfig: [3, 'PodSandboxConfig'] },
  PullImageResponse: { imageRef: [1, 'string'] },
  RemoveImageRequest: { image: [1, 'ImageSpec'] },
  RemoveImageResponse: {},
  RuntimeCondition: { type: [1, 'string'], status: [2, 'bool'], reason: [3, 'string'], message: [4, 'string'] },
  RuntimeStatus: { conditions: [1, 'repeated RuntimeCondition'] },
  StatusRequest: { verbose: [1, 'bool'] },
  StatusResponse: { status: [1, 'RuntimeStatus'], info: [2, 'map<string,string>'] },
  ImageFsInfoRequest: {},
  UInt64Value: { value: [1, 'uint64'] },
  FilesystemIdentifier: { mountpoint: [1, 'string'] },
  FilesystemUsage: { timestamp: [1, 'int64'], fsId: [2, 'FilesystemIdentifier'], usedBytes: [3, 'UInt64Value'] },
  ImageFsInfoResponse: { imageFilesystems: [1, 'repeated FilesystemUsage'] },
  ContainerStatsRequest: { containerId: [1, 'string'] },
  ContainerStatsResponse: { stats: [1, 'ContainerStats'] },
  ListContainerStatsRequest: { filter: [1, 'ContainerStatsFilter'] },
  ContainerStatsFilter: { id: [1, 'string'], podSandboxId: [2, 'string'], labelSelector: [3, 'map<string,string>'] },
  ListContainerStatsResponse: { stats: [1, 'repeated ContainerStats'] },
  ContainerAttributes: {
    id: [1, 'string'],
    metadata: [2, 'ContainerMetadata'],
    labels: [3, 'map<string,string>'],
    annotations: [4, 'map<string,string>'],
  },
  ContainerStats: {
    attributes: [1, 'ContainerAttributes'],
    cpu: [2, 'CpuUsage'],
    memory: [3, 'MemoryUsage'],
    writableLayer: [4, 'FilesystemUsage'],
  },
  CpuUsage: { timestamp: [1, 'int64'], usageCoreNanoSeconds: [2, 'UInt64Value'], usageNanoCores: [3, 'UInt64Value'] },
  MemoryUsage: {
    timestamp: [1, 'int64'],
    workingSetBytes: [2, 'UInt64Value'],
    availableBytes: [3, 'UInt64Value'],
    usageBytes: [4, 'UInt64Value'],
    rssBytes: [5, 'UInt64Value'],
  },
  ReopenContainerLogRequest: { containerId: [1, 'string'] },
  ReopenContainerLogResponse: {},

  // containerd.services.events.v1 and containerd.events
  SubscribeRequest: { filters: [1, 'repeated string'] },
  Envelope: { namespace: [2, 'string'], topic: [3, 'string'], event: [4, 'Any'] },
  Any: { typeUrl: [1, 'string'], value: [2, 'bytes'] },
  TaskExit: { containerId: [1, 'string'], id: [2, 'string'], pid: [3, 'uint32'], exitStatus: [4, 'uint32'] },
  TaskOOM: { containerId: [1, 'string'] },

  // grpc.health.v1
  HealthCheckRequest: { service: [1, 'string'] },
  HealthCheckResponse: { status: [1, 'ServingStatus'] },
} as const

export const enums = {
  MountPropagation: { PROPAGATION_PRIVATE: 0, PROPAGATION_HOST_TO_CONTAINER: 1, PROPAGATION_BIDIRECTIONAL: 2 },
  NamespaceMode: { POD: 0, CONTAINER: 1, NODE: 2, TARGET: 3 },
  ProfileType: { RuntimeDefault: 0, Unconfined: 1, Localhost: 2 },
  PodSandboxState: { SANDBOX_READY: 0, SANDBOX_NOTREADY: 1 },
  ServingStatus: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 },
  ContainerState: { CONTAINER_CREATED: 0, CONTAINER_RUNNING: 1, CONTAINER_EXITED: 2, CONTAINER_UNKNOWN: 3 },
} as const

type Messages = typeof messages
type Enums = typeof enums
export type MessageName = keyof Messages

/** A message as we send it: what is left out is proto3's default. */
export type Sent<M extends MessageName> = { readonly [F in keyof Messages[M]]?: Value<FieldType<Messages[M][F]>, 'sent'> }
/** A message as we read it: everything is there, but a message inside may be absent. */
export type Read<M extends MessageName> = { readonly [F in keyof Messages[M]]: Value<FieldType<Messages[M][F]>, 'read'> }

type FieldType<F> = F extends readonly [number, infer T] ? T : never
type Value<T, Way> = T extends `repeated ${infer Item}`
  ? readonly One<Item, Way>[]
  : T extends `map<string,string>`
    ? Readonly<Record<string, string>>
    : T extends MessageName
      ? One<T, Way> | undefined
      : One<T, Way>
type One<T, Way> = T extends 'string'
  ? string
  : T extends 'bool'
    ? boolean
    : T extends 'bytes'
      ? Uint8Array
      : T extends 'int32' | 'uint32'
        ? number
        : T extends 'int64' | 'uint64'
          ? number | bigint
          : T extends keyof Enums
            ? keyof Enums[T]
            : T extends MessageName
              ? Way extends 'sent'
                ? Sent<T>
                : Read<T>
              : never
