/** A text from outside as a log or a message may have it: one line, and not longer than a name is. */
export const shownText = (text: string, max = 80): string => {
  const line = text.slice(0, max + 1).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
  return line.length > max ? `${line.slice(0, max)}…` : line
}
