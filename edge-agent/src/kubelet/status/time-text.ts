/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
