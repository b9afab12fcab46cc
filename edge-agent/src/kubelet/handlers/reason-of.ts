const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'read: connection reset by peer',
}
/** Why a connection failed, in the words of Go. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException // sockets fail with nothing else
  return words[code ?? ''] ?? message ?? String(error)
}
