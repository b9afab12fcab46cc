/**
 * The names of the hub's own parts: no budget holds them back, so they are spoken inside the hub alone. Whoever lets a name in from
 * outside (a certificate) refuses these.
 */
export const isHubPart = (name: string): boolean => name.startsWith('system:kube-') || name.startsWith('system:bramble:')
