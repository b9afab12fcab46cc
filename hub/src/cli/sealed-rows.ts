const line = /^bramble_store_sealed_rows\{key="([a-z0-9-]{1,32})"\} (\d+)$/

/** How many rows each key has sealed, by the metrics of a hub. */
export const sealedRowsIn = (metrics: string): ReadonlyMap<string, number> =>
  new Map(
    metrics.split('\n').flatMap((text) => {
      const [, key, rows] = line.exec(text) ?? []
      return key === undefined ? [] : [[key, Number(rows)] as const]
    }),
  )
