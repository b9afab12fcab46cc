import { definePatchTarget } from '../patches.ts'

export const jsonPatches = definePatchTarget({
  name: 'json-patch',
  contentType: 'application/json-patch+json',
  seeds: [
    {
      json: [
        { op: 'replace', path: '/spec/replicas', value: 3 },
        { op: 'test', path: '/metadata/name', value: 'd' },
      ],
    },
    {
      json: [
        { op: 'move', from: '/spec/template/spec/containers/0', path: '/spec/template/spec/containers/-' },
        { op: 'remove', path: '/metadata/labels' },
      ],
    },
    {
      json: [
        { op: 'copy', from: '/spec/template', path: '/spec/a~1b~0' },
        { op: 'add', path: '/metadata/labels/x', value: 'y' },
      ],
    },
  ],
  words: [
    'op',
    'path',
    'from',
    'value',
    'add',
    'remove',
    'copy',
    'move',
    'test',
    '/spec',
    '/spec/template/spec/containers/0',
    '/-',
    '~1',
    '~0',
    '',
    '/01',
    '/4294967296',
  ],
})
