/** The older form of `spec.loadBalancerSourceRanges`: networks with commas between. */
export const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'
