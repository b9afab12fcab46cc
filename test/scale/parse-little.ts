/**
 * Of Nodes nothing but what goes on from there: a simulated agent keeps none, and thousands of them that read each other's Nodes on the cores
 * that they share with the hub would be what is measured. Everything else as it is.
 */
export function parseLittle(text: string): unknown {
  if (text.startsWith(list)) {
    const end = text.indexOf(',"items":[')
    if (end > 0) return { ...(JSON.parse(`${text.slice(0, end)}}`) as object), items: [] } // as the hub writes it
  }
  const [, type, resourceVersion] = event.exec(text.slice(0, 400)) ?? []
  if (type !== undefined) return { type, object: { kind: 'Node', metadata: { resourceVersion } } }
  return JSON.parse(text)
}

const list = '{"kind":"NodeList",'
const event = /^\{"type":"([A-Z]+)","object":\{"apiVersion":"v1","kind":"Node","metadata":\{[^{}]*"resourceVersion":"(\d+)"/
