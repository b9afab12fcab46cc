import { expect, it } from 'vitest'
import { parseObject } from './parse-object.ts'

it.each([undefined, '', '{', 'null', '7', '"text"', '[{}]'])('%s is no object', (text) => expect(parseObject(text)).toBeUndefined())
it('an object is what its text says', () => expect(parseObject('{"a":[1]}')).toEqual({ a: [1] }))
