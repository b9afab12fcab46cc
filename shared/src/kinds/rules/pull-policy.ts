const host = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const domain = `(?:${host}(?:\\.${host})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const reference = new RegExp(`^(?:${domain}/)?${part}(?:/${part})*(?::(?<tag>\\w[\\w.-]{0,127}))?(?<digest>@${digest})?$`)

/**
 * When an image is pulled whose container does not say it. Without a tag, or tagged `latest`, it may be another one tomorrow; a digest
 * alone never is. What is no name of an image cannot be pulled anyway.
 */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  // The longest name has 255 characters, and a tag and a digest beside.
  const found = image.length > 1024 ? undefined : reference.exec(image)?.groups
  if (found === undefined) return 'IfNotPresent'
  const { tag = found['digest'] === undefined ? 'latest' : '' } = found
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}
