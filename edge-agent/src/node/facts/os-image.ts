import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

export const osImage = defineFact({
  name: 'os-image',
  read({ etc }) {
    const line = readText(join(etc, 'os-release'))
      ?.split('\n')
      .find((each) => each.startsWith('PRETTY_NAME='))
    return line === undefined ? {} : { osImage: line.slice('PRETTY_NAME='.length).replace(/^(["'])(.*)\1$/, '$2') }
  },
})
