import type { CriError } from '../../cri/cri-error.ts'

// What containerd and CRI-O hand on of Go's network, one phrase for each way not to arrive. A certificate of which the clock says that
// it lies in the future is one of them: a board without a clock of its own boots in the past, and has no network to learn the time from.
const phrases =
  /connection refused|connection reset|connection timed out|no such host|server misbehaving|temporary failure in name resolution|network is unreachable|host is unreachable|no route to host|i\/o timeout|tls handshake timeout|client\.timeout|context deadline exceeded|unexpected eof|: eof\b|certificate has expired or is not yet valid: current time \S+ is before/i
// A registry behind a proxy that does not reach it either.
const gateway = /unexpected status[^:]*:? ?(?:from [^:]*(?:: )?)?50[234]\b|\b50[234] (?:bad gateway|service unavailable|gateway time-?out)/i

/** Whether a pull failed because the registry was not there to be asked; an answer of the registry (401, 403, 404) is none of it. */
export const isUnreachable = ({ code, message }: CriError): boolean =>
  code === 'DEADLINE_EXCEEDED' || phrases.test(message) || gateway.test(message)
