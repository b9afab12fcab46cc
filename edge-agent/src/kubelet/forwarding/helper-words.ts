/** What the agent asks of a helper: a connection to a port of the network that it is in. */
export type Ask = { readonly id: number; readonly port: number }
/** What it answers: the socket comes with it, unless there is none. */
export type Answer = { readonly id: number; readonly error?: string }
