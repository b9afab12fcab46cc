import type { QosClass } from '@bramble/shared/kinds/rules/qos.ts'

/** The pod's cgroup below each hierarchy's root (cgroupfs names): guaranteed pods stand beside the two weaker classes, as in Kubernetes. */
export function cgroupParent(instance: string, qos: QosClass, uid: string): string {
  const root = cgroupRoot(instance)
  return qos === 'Guaranteed' ? `${root}/kubepods/pod${uid}` : `${root}/kubepods/${qos.toLowerCase()}/pod${uid}`
}

export const cgroupRoot = (instance: string): string => `/bramble-${instance}`
