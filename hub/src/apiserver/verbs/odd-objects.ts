import { shownText } from '@bramble/shared/text/shown-text.ts'
import type { Call } from '../call.ts'

/** Stored objects that cannot be read are left out of lists; whoever asked hears of it. */
export function warnOfOdd(warn: Call['warn'], odd: readonly string[]): void {
  if (odd.length > 0) warn(`stored objects that cannot be read are left out: ${odd.length}, the first is ${shownText(odd[0] ?? '', 300)}`)
}
