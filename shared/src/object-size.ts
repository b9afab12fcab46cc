/**
 * The largest object that is stored, as the UTF-8 of its JSON. A body may have 3 MiB; defaults, patches and bookkeeping add to what it
 * becomes. Whatever is stored must fit a message to a node, as an answer and as an event (see `maxMessageBytes`).
 */
export const maxObjectBytes = 3.5 * 1024 * 1024

/** Whether a text has more bytes than that; most are so short that they need not be counted. */
export const isLargerThan = (text: string, bytes: number): boolean => text.length * 3 > bytes && Buffer.byteLength(text) > bytes
