/** Why a containerd did not start, from what it printed. */
export type StartFailure = {
  readonly why: string
  /** Its own records are damaged (a card that lost power while they were written): no further start can succeed with them. */
  readonly isDamage: boolean
}

// The words of bbolt and of a mapped file that is shorter than its pages say. A panic elsewhere in containerd is not for us to heal.
const damage = [
  /^panic: .*\b(page|freelist|bucket|cursor|leaf|branch|inode)\b/m,
  /^unexpected fault address/m,
  /\bSIGBUS\b/,
  /error="?(invalid database|version mismatch|checksum error|file size too small|unexpected EOF)/,
  /\bbbolt\b[^]*\bpanic\b|\bpanic\b[^]*\bbbolt\b/,
]
// A disk that cannot be written explains everything else that it prints.
const disk = /no space left on device|read-only file system|input\/output error|disk quota exceeded/i

// Best first: of a panic its first line, of a plugin the one the others wait for.
const telling = [
  /^panic: .*$/m,
  /^unexpected fault address.*$/m,
  /^fatal error: .*$/m,
  /^.*failed to load plugin.*io\.containerd\.(?:metadata|snapshotter|grpc\.v1\.cri).*$/m,
  /^.*level=(?:fatal|error) (?!.*cni).*$/m,
  /^containerd: .*$/m,
]

export function startFailureOf(printed: string): StartFailure {
  const text = printed.trim()
  const line = telling.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined) ?? text.split('\n').at(-1)
  return {
    why: line === undefined || line === '' ? 'it left no log' : line.replace(/^time="[^"]*" /, '').slice(0, 400),
    isDamage: !disk.test(text) && damage.some((pattern) => pattern.test(text)),
  }
}
