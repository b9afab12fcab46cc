export type CniConfigInput = {
  readonly instance: string
  /** `10.42.1.0/24`, as the hub gave it to this node. */
  readonly podCidr: string
  /** Where host-local keeps the addresses it handed out. */
  readonly ipamDir: string
  readonly mtu?: number
}

export const networkName = (instance: string): string => `bramble-${instance}`

/**
 * The CNI configuration of this node. Pods hang on point-to-point links (`ptp`) and not on a bridge, so that all their traffic
 * is routed by the host: two pods of one node that meet through a Service would otherwise answer each other directly over the
 * bridge, past the translation, unless the kernel has br_netfilter and it is switched on. `ipMasq` stays off because the
 * proxy's table does it.
 */
export function cniConfig({ instance, podCidr, ipamDir, mtu }: CniConfigInput): object {
  return {
    cniVersion: '1.0.0',
    name: networkName(instance),
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ...(mtu !== undefined && { mtu }),
        ipam: {
          type: 'host-local',
          dataDir: ipamDir,
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  }
}
