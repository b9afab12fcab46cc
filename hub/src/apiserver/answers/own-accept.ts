/** By an Accept of these types the hub's own parts are handed objects as they are, over the loopback. Nobody else may say one. */
const own = 'application/vnd.bramble.'

/** The shared, frozen objects themselves. */
export const sharedObjects = `${own}objects`
/** The same with nothing but their metadata. */
export const sharedMetadata = `${sharedObjects};only=metadata`

/** Whether there is such a type in an Accept: to a network, and to what cannot be handed over as it is, it means JSON. */
export const saysOwn = (accept: string): boolean => accept.includes(own)
