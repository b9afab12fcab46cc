/** Where a cluster is kept unless `--home` says otherwise. */
export const defaultHome = (): string => process.env['BRAMBLE_HOME'] ?? '/var/lib/bramble'
