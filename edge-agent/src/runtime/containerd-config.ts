export type ContainerdPaths = {
  /** Images and snapshots, kept over restarts. */
  readonly root: string
  /** Running state, on tmpfs: a power cut must leave none of it. */
  readonly state: string
  readonly socket: string
  readonly cniConfDir: string
  readonly cniBinDir: string
}

export type ContainerdConfigInput = ContainerdPaths & {
  readonly sandboxImage: string
  /** Without CAP_SYS_RESOURCE (containers, some sandboxes) a negative score is refused by the kernel and no pod would start. */
  readonly restrictOomScoreAdj: boolean
  readonly disableApparmor: boolean
}

/** The configuration of the agent's own containerd, version 2 of the format: read by 1.6 and 1.7, migrated by 2.x. */
export const containerdConfig = (input: ContainerdConfigInput): string => `version = 2
root = ${quote(input.root)}
state = ${quote(input.state)}
# What a board never uses costs memory and start-up time.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
  "io.containerd.nri.v1.nri",
]

[debug]
  level = "warn"

[grpc]
  address = ${quote(input.socket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quote(input.sandboxImage)}
  restrict_oom_score_adj = ${input.restrictOomScoreAdj}
  disable_apparmor = ${input.disableApparmor}
  enable_selinux = false
  # Ours are then told from those of another containerd, and are taken away with the state.
  netns_mounts_under_state_dir = true
  # An exec or attach in which nobody says anything for hours goes on: by itself it ends after four.
  stream_idle_timeout = "8760h"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${quote(input.cniBinDir)}
    conf_dir = ${quote(input.cniConfDir)}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`

const quote = (text: string) => JSON.stringify(text)
