/** Of Bramble itself. */
export const version = '0.1.0'

/** The Kubernetes whose behaviour we serve: what `/version` and a node's `kubeletVersion` say. */
export const kubernetesVersion = `v1.35.0+bramble${version}`

/** The commit that this was bundled from; '' outside of a bundle, or of a repository. */
export const builtFrom: string = typeof commitOfBundle === 'string' ? commitOfBundle : ''

declare const commitOfBundle: unknown
