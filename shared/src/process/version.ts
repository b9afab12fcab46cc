/** Of Bramble itself. */
export const version = '0.1.0'

/** The Kubernetes whose behaviour we serve: what `/version` and a node's `kubeletVersion` say. */
export const kubernetesVersion = `v1.35.0+bramble${version}`
