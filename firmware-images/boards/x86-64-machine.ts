import { defineBoard } from '../board.ts'

export const x8664Machine = defineBoard({
  id: 'x86-64-machine',
  architecture: 'amd64',
  models: [{ label: 'x86-64', name: 'x86-64 machine', compatible: [], types: [] }],
  isFallback: true,
  reservedMemoryMi: 256,
  hasRtc: true,
  notes: [],
})
