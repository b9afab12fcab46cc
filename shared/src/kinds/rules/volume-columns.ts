import type { ObjectMeta } from '../../meta/object-meta.ts'

const short: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** `RWO,ROX`, each once and in that order. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  Object.entries(short)
    .filter(([mode]) => modes?.includes(mode) === true)
    .map(([, text]) => text)
    .join(',')

/** Where storage tells its class, in the old way first. */
export const classText = ({ annotations }: ObjectMeta, name: string | undefined): string =>
  annotations?.['volume.beta.kubernetes.io/storage-class'] ?? name ?? ''
