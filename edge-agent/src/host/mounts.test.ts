import { expect, test } from 'vitest'
import { mountsUnder } from './mounts.ts'

const table = String.raw`proc /proc proc rw 0 0
tmpfs /run/pods/u1/volumes/a tmpfs rw 0 0
tmpfs /run/pods/u1/volumes/a/inner tmpfs rw 0 0
tmpfs /run/pods/u10/volumes/b tmpfs rw 0 0
tmpfs /run/pods/u1/with\040space tmpfs rw 0 0
`

test('the mounts below a folder come deepest first, by their true names, and those of a neighbour whose name begins alike are not among them', () => {
  expect(mountsUnder(['/run/pods/u1'], table)).toEqual([
    '/run/pods/u1/with space',
    '/run/pods/u1/volumes/a/inner',
    '/run/pods/u1/volumes/a',
  ])
  expect(mountsUnder(['/run/pods/u10/volumes/b'], table)).toEqual(['/run/pods/u10/volumes/b'])
  expect(mountsUnder([], table)).toEqual([])
})
