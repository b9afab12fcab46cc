import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml'

// Deeper than any real pod, shallow enough for recursive code and its stack.
const maxDepth = 200
/** Words and signs: each takes some microseconds, in which the whole agent stands still. A long text in a block is one of them. */
const maxLexemes = 50_000

/**
 * The one document of a manifest, YAML or JSON. Throws for what is none, saying where, and for what is nested or long without measure: fed lexeme by
 * lexeme, because `parseDocument` recurses over nesting, and on its way out of stack V8 ends the whole process rather than throw.
 */
export function manifestDocument(text: string): unknown {
  const lines = new LineCounter()
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer()
  const documents: Document[] = []
  const compose = (tokens: ReturnType<Parser['next']>) => {
    for (const token of tokens) documents.push(...composer.next(token))
  }
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > maxLexemes) throw new Error(`it has more than ${maxLexemes} words and signs: it is no pod`)
    compose(parser.next(lexeme))
    if (parser.stack.length > maxDepth) throw new Error(`it is nested deeper than ${maxDepth} levels: it is no pod`)
  }
  compose(parser.end())
  documents.push(...composer.end(true, text.length))
  if (documents.length > 1) throw new Error(`it has ${documents.length} documents: each pod has a file of its own`)
  const document = documents[0] as Document // `end(true)` makes one where the text has none
  const [mistake] = document.errors
  if (mistake === undefined) return document.toJS()
  const { line, col } = lines.linePos(mistake.pos[0])
  throw new Error(`${mistake.message} at line ${line}, column ${col}`)
}
