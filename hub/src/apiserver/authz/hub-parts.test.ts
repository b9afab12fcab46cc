import { expect, it } from 'vitest'
import { controllerPart } from './hub-parts.ts'

it.each([
  ['deployment-controller', 'kube-controller-manager'],
  ['kubernetes-service-controller', 'kube-apiserver'],
  ['service-cidrs-controller', 'kube-apiserver'],
  ['system-namespaces-controller', 'kube-apiserver'],
  ['custom-resource-cleanup-controller', 'kube-apiserver'],
])('what %s writes is owned by %s, whose loop it is in Kubernetes', (account, manager) => {
  expect(controllerPart(account)).toMatchObject({ manager, user: { name: `system:serviceaccount:kube-system:${account}` } })
})
