/** Where something else than the node and the scheduler's plugins acts on a field; the test that holds it to that is named by file and title. */
export const elsewhere: readonly { readonly field: string; readonly by: string; readonly file: string; readonly title: string }[] = [
  ...['spec.serviceAccountName', 'spec.serviceAccount', 'spec.automountServiceAccountToken'].map((field) => ({
    field,
    by: 'the hub, which gives the pod the token of its account',
    file: 'hub/src/apiserver/admission/token-volume.test.ts',
    title: 'each container is shown the token, the authority and the namespace',
  })),
  ...['spec.schedulerName', 'spec.schedulingGates[].name'].map((field) => ({
    field,
    by: 'the scheduler, which leaves the pod alone',
    file: 'hub/src/scheduler/scheduler.test.ts',
    title: 'a gated pod waits for its gates, and a pod of another scheduler is left alone',
  })),
  {
    field: 'spec.priorityClassName',
    by: 'the hub, which gives the pod the priority of its class',
    file: 'hub/src/apiserver/behaviour/priorities.test.ts',
    title: 'give their pods their priority, and who names none that of the default',
  },
]

/** Fields, by the end of their place, of which every value that is taken says what is so anyway. */
export const withoutEffect: readonly { readonly field: string; readonly why: string }[] = [
  { field: 'fieldRef.apiVersion', why: 'there is one version, `v1`' },
  { field: 'volumeMounts[].recursiveReadOnly', why: '`Enabled` is refused; `IfPossible` asks for what may be left out' },
  { field: 'spec.securityContext.supplementalGroupsPolicy', why: '`Strict` is refused; `Merge` is what is done' },
  {
    field: 'spec.securityContext.fsGroupChangePolicy',
    why: 'volumes with a group are made with their pod, and nothing old in them is changed',
  },
  {
    field: 'spec.preemptionPolicy',
    why: 'nobody is ended for a pod, which is `Never`; with a priority the other value is taken with a warning',
  },
  { field: 'spec.os.name', why: '`windows` is refused; nodes run `linux`' },
  { field: 'spec.hostUsers', why: '`false` is refused; `true` is what is done' },
]

/** Fields of the status that this node does not tell, and why. */
export const untold: readonly { readonly field: string; readonly why: string }[] = [
  { field: 'nominatedNodeName', why: 'told by a scheduler that ends pods for others, which is not done yet' },
  { field: 'resize', why: 'deprecated in Kubernetes: conditions tell it, and running containers are not resized yet' },
  { field: 'resourceClaimStatuses', why: 'resource claims are refused' },
  { field: 'extendedResourceClaimStatus', why: 'resource claims are refused' },
  { field: 'allocatedResources', why: 'running pods are not resized yet, so it is what the spec says' },
  { field: 'resources', why: 'running pods are not resized yet, so it is what the spec says' },
  { field: 'conditions[].lastProbeTime', why: 'a record that the kubelet of Kubernetes leaves empty too' },
  { field: 'state.terminated.signal', why: 'the runtime tells the exit code 128 + signal' },
  { field: 'lastState.waiting', why: 'a last state is how a run ended' },
  { field: 'lastState.running', why: 'a last state is how a run ended' },
  { field: 'ephemeralContainerStatuses[].started', why: 'nobody waits for it' },
  { field: 'volumeMounts', why: 'it tells of recursive read-only mounts, which are refused' },
  { field: 'user', why: 'not told yet' },
  { field: 'allocatedResourcesStatus', why: 'there are no device plugins yet' },
  { field: 'stopSignal', why: 'not told yet; to set one is refused' },
]
