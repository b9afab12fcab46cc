/** What a volume asks for. */
export type TokenAsked = { readonly audience?: string | undefined; readonly expirationSeconds: number }
