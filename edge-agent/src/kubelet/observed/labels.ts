// What is written on sandboxes and containers, by Kubernetes' own names, so that crictl and log collectors read them,
// and so that everything about a pod that must outlive the agent lives with its containers.
export const podNameLabel = 'io.kubernetes.pod.name'
export const podNamespaceLabel = 'io.kubernetes.pod.namespace'
export const podUidLabel = 'io.kubernetes.pod.uid'
export const containerNameLabel = 'io.kubernetes.container.name'

export const hashAnnotation = 'io.kubernetes.container.hash'
export const restartCountAnnotation = 'io.kubernetes.container.restartCount'
export const terminationMessagePathAnnotation = 'io.kubernetes.container.terminationMessagePath'
export const terminationMessagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy'
export const preStopAnnotation = 'io.kubernetes.container.preStopHandler'
export const graceAnnotation = 'io.kubernetes.pod.terminationGracePeriod'

/** Ours alone: what another kubelet, or another Bramble, runs on the same runtime is none of our business. */
export const instanceLabel = 'bramble.io/instance'
