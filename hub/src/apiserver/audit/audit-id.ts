/** How a client has named its request (`Audit-Id`), so that it finds it in our log; undefined when that is nothing we would repeat. */
export function auditIdOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const id = headers['audit-id']
  return id !== undefined && /^[-\w]{1,64}$/.test(id) ? id : undefined
}
