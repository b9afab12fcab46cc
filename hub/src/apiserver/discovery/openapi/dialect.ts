/** A JSON schema as OpenAPI v2 and v3 both write it, but for how they refer to one another. */
export type OpenApiSchema = Readonly<Record<string, unknown>>

/** v2 keeps its schemas under `definitions` and lets a description stand beside a `$ref`; v3 wraps a described `$ref` in `allOf`. */
export type Dialect = 'v2' | 'v3'
