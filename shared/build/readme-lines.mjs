/** What is not walked by `npm run readme`, and where it is. */
const elsewhere = [
  { line: /^npm test\b/, why: 'the whole suite; .ci/run is it' },
  { line: /^npx bramble agent --hub/, why: 'a board of its own: test/journeys/own-board.test.ts' },
]

/** The lines of the README's shell blocks in their order, without their remarks; `elsewhere` says why one is not walked. */
export function linesOf(readme) {
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block)
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((text) => text.replace(/\s+#.*$/, '').trim())
    .filter((text) => text !== '')
    .map((text) => ({ text, elsewhere: elsewhere.find(({ line }) => line.test(text))?.why }))
}

/**
 * The report of a walk, for docs/: every line with what came of it, also those after the one that failed. `seconds` are those of the
 * lines that ended well, by their place; `problem` is what ended the walk early.
 */
export function reportOf({ lines, seconds, problem, day, machine }) {
  const failedAt = problem === undefined ? -1 : lines.findIndex((line, at) => line.elsewhere === undefined && seconds[at] === undefined)
  const resultOf = ({ elsewhere }, at) => {
    if (elsewhere !== undefined) return `not here: ${elsewhere}`
    if (seconds[at] !== undefined) return `ok, ${seconds[at].toFixed(1)} s`
    return at === failedAt ? '**failed**' : 'not reached'
  }
  const rows = lines.map((line, at) => `| \`${line.text.replaceAll('|', '\\|')}\` | ${resultOf(line, at)} |`)
  const walked = lines.filter((_, at) => seconds[at] !== undefined).length
  return `# The README's lines, ${day}

Every command of the README, in its order, on a machine with nothing installed: this one's files seen through an overlay from which the
packages that Bramble needs are purged, with its own /run, /tmp and /var/lib/bramble. ${machine}. Made by \`npm run readme\`.

| line | result |
|---|---|
${rows.join('\n')}

${lines.length} lines, ${walked} walked, ${problem === undefined ? 'none failed' : 'one failed'}.
${problem === undefined ? '' : `\n\`\`\`\n${problem.trim().slice(-4000)}\n\`\`\`\n`}`
}
