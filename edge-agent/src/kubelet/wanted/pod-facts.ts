import { createHash } from 'node:crypto'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { milliOf, valueOf } from '@bramble/shared/meta/quantity.ts'

const amount = (quantity: string | undefined): number => (quantity === undefined ? 0 : milliOf(quantity))

export type Resources = {
  readonly cpuRequestMilli: number
  readonly cpuLimitMilli: number
  readonly memoryRequest: number
  readonly memoryLimit: number
}

/** Amounts of one container; 0 is "not said", and a limit alone is a request too. */
export function resourcesOf({ resources: { requests = {}, limits = {} } }: Container): Resources {
  const cpuLimit = limits['cpu']
  const memoryLimit = limits['memory']
  return {
    cpuRequestMilli: amount(requests['cpu'] ?? cpuLimit),
    cpuLimitMilli: amount(cpuLimit),
    memoryRequest: bytes(requests['memory'] ?? memoryLimit),
    memoryLimit: bytes(memoryLimit),
  }
}

const bytes = (quantity: string | undefined): number => (quantity === undefined ? 0 : valueOf(quantity))

/** What of a container may change in place and then needs a new one: as in Kubernetes, name and image. */
export const hashOf = ({ name, image }: Container): string =>
  createHash('sha256')
    .update(JSON.stringify([name, image]))
    .digest('hex')
    .slice(0, 8)

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

/** `nginx` → `nginx:latest`; a tag or a digest stays. */
export const withTag = (image: string): string => (/[:@]/.test(image.slice(image.lastIndexOf('/') + 1)) ? image : `${image}:latest`)

/** `web-0_default(uid)`: how Kubernetes writes a pod in messages. */
export const podFormat = ({ metadata }: Pod): string => `${metadata.name}_${metadata.namespace}(${metadata.uid})`
