/** The characters that tell the parts of a JSON text [RFC 8259 2], by their code and as bytes of UTF-8. Whitespace is `space` and some below it. */
export const space = 0x20
export const quote = 0x22
export const comma = 0x2c
export const minus = 0x2d
export const colon = 0x3a
export const openBracket = 0x5b
export const backslash = 0x5c
export const closeBracket = 0x5d
export const openBrace = 0x7b
export const closeBrace = 0x7d
