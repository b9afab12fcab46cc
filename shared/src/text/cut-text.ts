const ellipsis = '…'

/**
 * The text, or so many bytes of its beginning with an ellipsis; a character that the cut goes through is left out whole. What is cut is a
 * copy: a part of a string that V8 makes itself keeps all of it in memory.
 */
export function cutText(text: string, maxBytes: number): string {
  // No text has fewer bytes than characters, nor more than three times as many: most need not be counted.
  if (text.length * 3 <= maxBytes) return text
  const bytes = Buffer.from(text.length > maxBytes ? text.slice(0, maxBytes + 1) : text)
  if (bytes.length <= maxBytes) return text
  return `${new TextDecoder().decode(bytes.subarray(0, Math.max(0, maxBytes - Buffer.byteLength(ellipsis))), { stream: true })}${ellipsis}`
}
