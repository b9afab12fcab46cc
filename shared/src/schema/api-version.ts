/** `v1`, `apps/v1` */
export const apiVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group === '' ? version : `${group}/${version}`

/** '' for the core group, which has none in its versions. */
export const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')

export const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

/** As Kubernetes prefers versions: v2, v1, v1beta2, v1beta1, v1alpha1; after them what is no such version, by its letters. */
export function newestFirst(a: string, b: string): number {
  const [rankA, rankB] = [rankOf(a), rankOf(b)]
  if (rankA === undefined || rankB === undefined) return rankA === rankB ? (a < b ? -1 : Number(a > b)) : rankA === undefined ? 1 : -1
  const differing = rankA.findIndex((part, index) => part !== rankB[index])
  return differing < 0 ? 0 : (rankB[differing] ?? 0) - (rankA[differing] ?? 0)
}

/** Stage, major and minor number. */
function rankOf(version: string): readonly number[] | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version)
  if (match === null) return undefined
  return [match[2] === 'alpha' ? 1 : match[2] === 'beta' ? 2 : 3, Number(match[1]), Number(match[3] ?? 0)]
}
