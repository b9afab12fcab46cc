import { describe, expect, it } from 'vitest'
import { negotiate } from './negotiate.ts'

describe('negotiate', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json, */*', 'json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json'],
    ['application/yaml', 'json'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'table'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json'],
    ['application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io', 'table'],
    [
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      'partial-metadata',
    ],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'partial-metadata-list'],
  ])('answers %s with %s', (header, form) => {
    expect(negotiate(header).form).toBe(form)
  })

  it.each([
    'text/html',
    'application/json;as=Gadget;v=v1;g=meta.k8s.io',
    'application/json;q=0',
    'image/*',
    'application/vnd.kubernetes.protobuf',
  ])('refuses %s', (header) => {
    expect(() => negotiate(header)).toThrow(expect.objectContaining({ reason: 'NotAcceptable' }))
  })
})
