/** Until when something is worth waiting for: a controller, or a request, which makes its signal when it is first asked for it. */
export type Until = { readonly signal: AbortSignal }
