/** How many indexes `0,2-4` are, of a Job with so many completions; or why it is no such list, in the words of Kubernetes. */
export function countIndexes(text: string, completions: number): { readonly count: number; readonly problem?: string } {
  if (text === '') return { count: 0 }
  let count = 0
  let previous = -1
  for (const interval of text.split(',')) {
    const parts = interval.split('-')
    if (parts.length > 2)
      return {
        count: 0,
        problem: `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      }
    const numbers = parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : undefined))
    const [first, last = first] = numbers
    const odd = numbers.indexOf(undefined)
    if (odd >= 0 || first === undefined || last === undefined)
      return { count: 0, problem: `cannot convert string to integer for index: ${JSON.stringify(parts[odd] ?? '')}` }
    if (previous >= first) return { count: 0, problem: `non-increasing order, previous: ${previous}, current: ${first}` }
    if (first >= completions || last >= completions)
      return { count: 0, problem: `too large index: ${JSON.stringify(parts[first >= completions ? 0 : 1])}` }
    if (parts.length === 2 && first >= last) return { count: 0, problem: `non-increasing order, previous: ${first}, current: ${last}` }
    count += last - first + 1
    previous = last
  }
  return { count }
}
