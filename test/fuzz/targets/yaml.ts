import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { yamlText } from '../../../hub/src/apiserver/answers/yaml-text.ts'
import { parseYamlBody } from '../../../hub/src/apiserver/bodies/json-body.ts'
import { yamlTextOf } from '../../../hub/src/apiserver/bodies/object-body.ts'
import { checkPrototypes, readOrRefused } from '../refusals.ts'
import { objectWords, podJson, yamlOf } from '../samples.ts'
import { defineTarget } from '../target.ts'

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`).join('\n')}\n`

export const yaml = defineTarget({
  name: 'yaml',
  seeds: [
    ...[yamlOf(podJson), yamlText(podJson), JSON.stringify(podJson), bomb, 'a: |\n  x\n  y\nb: >-\n  z\n', '--- \n? a\n: b\n...\n'],
    ...[
      'base: &b {x: 1}\nuse:\n  <<: *b\n  y: [1, 0x1F, 0o17, 1e3, .inf, .nan, ~, yes, 2001-12-14]\n',
      '- - - a\n  - b\n-\n',
      '!!binary "aGk="\n',
    ],
  ],
  words: [
    ...objectWords,
    '\n',
    '  ',
    '- ',
    ': ',
    '? ',
    '&a ',
    '*a',
    '<<: ',
    '|',
    '>',
    '!!str ',
    '!!python/object:x ',
    '%YAML 1.1\n',
    '---\n',
    '#',
    '{',
    '}',
    '[',
    ']',
    ',',
    '\t',
    '~',
  ],
  open: () => (input) => {
    const read = readOrRefused(() => parseYamlBody(yamlTextOf(input)))
    checkPrototypes()
    if (read !== undefined) exactJson(read.value)
  },
})
