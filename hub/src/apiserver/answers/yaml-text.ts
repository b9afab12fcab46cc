/** A JSON value as YAML, in blocks and with its keys in order, as Kubernetes writes it. */
export const yamlText = (value: unknown): string => lines(value, '').join('\n') + '\n'

function lines(value: unknown, indent: string): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${indent}[]`] : value.flatMap((item) => inList(item, indent))
  if (typeof value !== 'object' || value === null) return [`${indent}${scalar(value)}`]
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return [`${indent}{}`]
  return members.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([key, member]) => inMap(key, member, indent))
}

function inMap(key: string, member: unknown, indent: string): readonly string[] {
  const name = `${indent}${textOf(key)}:`
  if (!isBlock(member)) return [`${name} ${lines(member, '')[0]}`]
  return [name, ...lines(member, Array.isArray(member) ? indent : `${indent}  `)]
}

function inList(item: unknown, indent: string): readonly string[] {
  const [first = '', ...rest] = lines(item, `${indent}  `)
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest]
}

const isBlock = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length > 0

const scalar = (value: unknown): string => (typeof value === 'string' ? textOf(value) : String(value))

/** Without quotes only what no reader of YAML takes for anything but text. JSON's quotes are YAML's as well. */
const textOf = (text: string): string => (isPlain.test(text) && !isWord.test(text) ? text : JSON.stringify(text))

const isPlain = /^[A-Za-z_/][\w./-]*$/
const isWord = /^(?:true|false|null|yes|no|on|off|y|n)$/i
