type Labels = Readonly<Record<string, string>> | undefined

/** True when every label that is asked for is there with that value; nothing asked for matches everything. */
export const hasLabels = (wanted: Readonly<Record<string, string>>, labels: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels?.[key] === value)
