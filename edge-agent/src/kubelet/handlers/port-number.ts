import type { Container } from '@bramble/shared/types/container.ts'

/** A port by number, or by the name it has among the container's ports. */
export function portNumber(port: string | number, { ports = [] }: Container): number | undefined {
  if (typeof port === 'number') return port
  return ports.find(({ name }) => name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined)
}
