export type Sample = { readonly minutes: number; readonly bytes: number }

/** The straight line through the samples (least squares): bytes a minute. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(samples.map(({ minutes }) => minutes))
  const y = mean(samples.map(({ bytes }) => bytes))
  const over = samples.reduce((sum, { minutes, bytes }) => sum + (minutes - x) * (bytes - y), 0)
  const under = samples.reduce((sum, { minutes }) => sum + (minutes - x) ** 2, 0)
  return under === 0 ? 0 : over / under
}
