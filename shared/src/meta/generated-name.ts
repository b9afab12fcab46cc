/** Kubernetes' alphabet for generated names: no vowels and no look-alikes, so that no words come out. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A name with a drawn end. It keeps within the 63 characters that a host name may have. */
export const generateName = (prefix: string, random: () => number = Math.random): string => `${prefix.slice(0, 58)}${drawnEnd(random)}`

const drawnEnd = (random: () => number): string =>
  Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')

/** Letters that are safe in a name for a number's digits. */
export const safeEncode = (text: string): string => [...text].map((char) => alphabet[char.charCodeAt(0) % alphabet.length]).join('')
